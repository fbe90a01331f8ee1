// Operation `gate`: what was destroyed upstream, what is held because of it, and which visit is current.
import { z } from 'zod';
import { RepositoryName } from '../contract/names.ts';
import type { Decision, Destroyed } from '../contract/gate.ts';
import { listDecisions } from '../archive/decisions.ts';
import { listRepositories } from '../archive/visits.ts';
import { defineOperation, type OperationContext } from './operation.ts';

export interface Destruction {
  visit: number;
  time: string;
  /** `current` stays before it until somebody accepts. */
  held: boolean;
  destroyed: Destroyed;
}

export interface GateState {
  repository: string;
  latest: number;
  current: number;
  /** The origin was not there when it was last asked: since when, and what it said; null while it is. */
  gone: { time: string; reason: string } | null;
  /** Visits that are held, ascending. */
  held: { visit: number; reason: string; by: string; time: string }[];
  /** Last first. */
  destructions: Destruction[];
  /** Every record, last first. */
  decisions: Decision[];
}

export const gate = defineOperation({
  name: 'gate',
  description: 'Lists what was destroyed upstream (force-pushes, deleted branches and tags, cut or emptied or vanished origins), what the gate holds, and which visit `current` means.',
  kind: 'reads',
  input: z.strictObject({
    repository: RepositoryName.optional(),
    /** Most visits that are looked through for destructions. */
    limit: z.number().int().positive().max(10_000).default(1_000),
  }),
  async run(context, { repository, limit }, { signal }): Promise<GateState[]> {
    const names = repository === undefined ? await listRepositories(context.store) : [repository];
    const states: GateState[] = [];
    for (const name of names) {
      signal.throwIfAborted();
      states.push(await stateOf(context, name, limit));
    }
    return states;
  },
});

async function stateOf({ library, store }: OperationContext, repository: string, limit: number): Promise<GateState> {
  const reader = await library.reader(repository);
  const { latest, current, gone, held } = await reader.gate();
  const heldVisits = new Set(held.map(({ visit }) => visit));
  const destructions: Destruction[] = [];
  for (const { seq, time } of reader.visits.slice(-limit)) {
    const { destroyed } = (await reader.visit(seq)).changes;
    if (destroyed !== undefined) destructions.push({ visit: seq, time, held: heldVisits.has(seq), destroyed });
  }
  return {
    repository,
    latest,
    current,
    gone: gone === null ? null : { time: gone.time, reason: gone.reason },
    held: held.map(({ visit, reason, by, time }) => ({ visit, reason, by, time })),
    destructions: destructions.reverse(),
    decisions: (await listDecisions(store, repository)).reverse(),
  };
}
