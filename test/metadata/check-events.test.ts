// The fast check of events: it accepts what the schema accepts, and nothing else.
import { describe, expect, it } from 'vitest';
import { PivoEvent } from '../../contract/events.ts';
import { checkEvent } from '../../metadata/check-events.ts';
import { randomNumbers } from '../fixtures/random.ts';
import { commits, snapshot } from './service.ts';

const STRANGE: unknown[] = [null, undefined, true, 0, -1, 1.5, 2 ** 60, '', 'x', 'a'.repeat(40), 'A'.repeat(40), 'a'.repeat(41), `${'a'.repeat(40)}\n`, 'name.git', 'x.lock', 'x.', '-x', 'COMMIT', [], {}, ['M'], ['M', 1], ['MM', 'x'], ['', 'x'], ['é', 'x'], ['💾', 'x']];

type Json = Record<string, unknown>;

/** Changes one place of a value, somewhere in it. */
function mutate(value: unknown, random: () => number): unknown {
  const strange = (): unknown => STRANGE[Math.floor(random() * STRANGE.length)];
  if (typeof value !== 'object' || value === null || random() < 0.15) return strange();
  if (Array.isArray(value)) {
    if (value.length === 0 || random() < 0.2) return [...value, strange()];
    const at = Math.floor(random() * value.length);
    return value.map((item, index) => (index === at ? mutate(item, random) : item));
  }
  const keys = Object.keys(value);
  const key = keys[Math.floor(random() * keys.length)] ?? '';
  const choice = random();
  if (choice < 0.1) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  if (choice < 0.2) return { ...value, extra: strange() };
  if (choice < 0.3) return { ...Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)), extra: strange() };
  return { ...value, [key]: mutate((value as Json)[key], random) };
}

describe('the check of events', () => {
  it('agrees with the schema on 20,000 events with something strange in them', () => {
    const random = randomNumbers(20261121);
    const seeds: unknown[] = [...commits('execa', 1, 0, 5), { ...commits('execa', 1, 0, 1)[0], changesUnknown: true }, snapshot('execa', 1, 1)];
    const verdicts = { accepted: 0, refused: 0 };
    for (let round = 0; round < 20_000; round++) {
      const value = JSON.stringify(mutate(seeds[round % seeds.length], random)) ?? 'undefined';
      const checked = checkEvent(value);
      const expected = value === 'undefined' ? false : PivoEvent.safeParse(JSON.parse(value)).success;
      if ('event' in checked !== expected) throw new Error(`the check ${expected ? 'refuses' : 'accepts'} ${value}`);
      verdicts[expected ? 'accepted' : 'refused'] += 1;
    }
    expect(verdicts.accepted).toBeGreaterThan(1_000);
    expect(verdicts.refused).toBeGreaterThan(1_000);
  });

  it('says in words what is wrong', () => {
    expect(checkEvent('{')).toEqual({ reason: expect.stringMatching(/^not JSON: /) as string });
    expect(checkEvent('{"type":"OTHER"}')).toEqual({ reason: expect.stringMatching(/type/) as string });
  });
});
