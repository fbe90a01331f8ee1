// Frames for tests: whatever the schema allows, and values that it nearly does.
import * as fc from 'fast-check';
import type { Frame } from '../../contract/spool.ts';

/** Text that a frame may hold: whole characters, none of them U+0000. */
export const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', minLength: 0, maxLength }).map((value) => value.replaceAll('\0', '·').slice(0, maxLength)).filter((value) => value.isWellFormed() && value.length >= minLength && value.length <= maxLength);

const key = text(0, 20).filter((value) => value !== '__proto__');
const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => value + 0);

const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof({ maxDepth: 5, depthSize: 'small' }, fc.constantFrom(null, true, false), number, text(0, 40), fc.array(tie('json'), { maxLength: 4 }), fc.dictionary(key, tie('json'), { maxKeys: 4, noNullPrototype: true })),
}));
const data = fc.dictionary(key, json, { maxKeys: 5, noNullPrototype: true });

const event = fc.record({ type: text(1, 200), source: text(0, 512), subject: text(0, 512), text: text(0, 2_000), data }, { requiredKeys: ['type'] });
const metric = fc.record({ name: text(1, 200), value: number, unit: text(0, 50), labels: fc.dictionary(key, text(0, 100), { maxKeys: 4, noNullPrototype: true }) }, { requiredKeys: ['name', 'value'] });
const orNull = (value: fc.Arbitrary<string>): fc.Arbitrary<string | null> => fc.option(value, { nil: null });
const push = fc.record({ source: text(1, 100), forge: fc.constantFrom('github', 'gitlab', 'gitea'), repository: text(1, 512), urls: fc.array(text(1, 200), { minLength: 1, maxLength: 8 }), ref: orNull(text(0, 300)), before: orNull(text(0, 64)), after: orNull(text(0, 64)) });

const about = { key: text(1, 100), time: fc.integer({ min: 0, max: 253_402_300_799_999 }), id: text(1, 100) };

/** Any frame that the schema accepts. */
export const anyFrame = fc.oneof(
  fc.record({ kind: fc.constant('event'), ...about, payload: event }),
  fc.record({ kind: fc.constant('metric'), ...about, payload: metric }),
  fc.record({ kind: fc.constant('push'), ...about, payload: push }),
) as fc.Arbitrary<Frame>;

/** A frame of which something was replaced, added or taken away, as JSON could say it: good or bad. */
export const nearlyFrame: fc.Arbitrary<unknown> = fc.tuple(anyFrame, fc.array(fc.tuple(fc.nat(), fc.constantFrom('replace', 'remove', 'add'), fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>('', 'x'.repeat(513), 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, undefined, [], {}))), { maxLength: 3 })).map(([frame, changes]) => changes.reduce<unknown>(changed, structuredClone(frame)));

function changed(value: unknown, [which, how, other]: [number, string, unknown]): unknown {
  const objects = objectsIn(value);
  const holder = objects[which % objects.length];
  if (holder === undefined) return other;
  const names = Object.keys(holder);
  const name = names[(which >> 3) % Math.max(1, names.length)] ?? 'kind';
  if (how === 'remove') delete holder[name];
  else holder[how === 'add' ? 'more' : name] = structuredClone(other);
  return value;
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...(Array.isArray(value) ? [] : [value as Record<string, unknown>]), ...Object.values(value).flatMap(objectsIn)];
}

/** The `i`th event of a series, about 150 bytes. */
export const eventFrame = (i: number): Extract<Frame, { kind: 'event' }> => ({ kind: 'event', key: `repo-${i % 100}`, time: 1_763_700_000_000 + i, id: `event-${i}`, payload: { type: 'build', source: 'ci', subject: `job ${i}`, text: `build number ${i} has ended`, data: { number: i, steps: [1, 2, 3] } } });
