// The damage suite: whatever happens to whichever file, every act tells it or is not harmed by it, and overwrites nothing.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPivoError } from '../../contract/failures.ts';
import { ACTS, said } from './acts.ts';
import { DAMAGES, TARGETS, damage, type Target } from './damages.ts';
import { archiveOf, hashes, makeLane, removeAll, resetLane, type Lane } from './lane.ts';

/** Homes that are worked on side by side. */
const LANES = 3;

let dir: string;
const free: Lane[] = [];
const waiting: ((lane: Lane) => void)[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-damage-'));
  free.push(...(await Promise.all(Array.from({ length: LANES }, (_, at) => makeLane(join(dir, `lane-${at}`))))));
}, 120_000);
afterAll(() => removeAll(dir));

/** Runs on a lane of its own, put back as it was. */
async function onLane<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
  const lane = free.pop() ?? (await new Promise<Lane>((resolve) => waiting.push(resolve)));
  try {
    await resetLane(lane);
    return await work(lane);
  } finally {
    const next = waiting.shift();
    if (next === undefined) free.push(lane);
    else next(lane);
  }
}

interface Outcome {
  /** What the act gave; null when it failed. */
  result: string | null;
  told: string;
}

/** The act's outcome; only a failure on purpose counts as one. */
async function attempt(act: string, lane: Lane, target: string): Promise<Outcome> {
  const notes: string[] = [];
  try {
    return { result: (await ACTS[act]?.({ lane, target, notes })) ?? null, told: notes.join('\n') };
  } catch (error) {
    if (!isPivoError(error)) throw error;
    return { result: null, told: [...notes, said(error)].join('\n') };
  }
}

/** What each act gives where nothing is damaged. */
const sound = new Map<string, Promise<string | null>>();
function soundResult(act: string, { name }: Target): Promise<string | null> {
  const key = `${act} ${['the index database', 'the event log'].includes(name) ? name : ''}`;
  const known = sound.get(key) ?? onLane(async (lane) => (await attempt(act, lane, name)).result);
  sound.set(key, known);
  return known;
}

describe.each(TARGETS)('$name', (target) => {
  describe.each(Object.keys(DAMAGES))('%s', (kind) => {
    test.concurrent.each(Object.keys(ACTS))('%s', async (act) => {
      const expected = await soundResult(act, target);
      await onLane(async (lane) => {
        const [file, other] = await target.files(lane);
        await damage(kind, file, other);
        const before = await hashes(archiveOf(lane));
        const { result, told } = await attempt(act, lane, target.name);
        const names = target.called(file).test(told);
        if (target.unnoticed?.[`${kind} ${act}`] === undefined) expect({ harmless: result === expected, names, told: names ? '' : told.slice(0, 1500) }).toEqual(target.tells.includes(act) || result !== expected ? { harmless: false, names: true, told: '' } : expect.objectContaining({ harmless: true }));
        const after = await hashes(archiveOf(lane));
        expect([...before].filter(([path, hash]) => after.get(path) !== hash).map(([path]) => path)).toEqual([]);
      });
    }, 60_000);
  });
});

test('without damage every act does its work', async () => {
  for (const act of Object.keys(ACTS)) expect(await soundResult(act, TARGETS[0] as Target)).not.toBeNull();
});
