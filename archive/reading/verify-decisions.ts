// Checks the gate's records: write-once files that say which visit is current.
import { isPivoError } from '../../contract/failures.ts';
import type { Decision } from '../../contract/gate.ts';
import type { ReadFile } from '../../contract/verification.ts';
import type { Visit } from '../../contract/visit.ts';
import { listDecisionNumbers, readDecision } from '../decisions.ts';
import { decisionPath, visitPath } from '../layout.ts';
import type { Store } from '../store.ts';
import { DAMAGED_HINT, type Flaw } from './findings.ts';

interface DecisionsCheck {
  store: Store;
  repository: string;
  visits: readonly Visit[];
  includes: (path: string) => boolean;
  onRead: (file: ReadFile) => void;
  findings: Flaw[];
}

type Add = (problem: string, hint: string, visits?: number[]) => unknown;

const ANY_WRITE = 0o222;

/** Numbers without gaps up to what visits tell of; each record whole, read-only, and about a visit that there is. */
export async function verifyDecisions({ store, repository, visits, includes, onRead, findings }: DecisionsCheck): Promise<void> {
  const numbers = await listDecisionNumbers(store, repository);
  const last = Math.max(0, ...numbers, ...visits.map(({ decisions = 0 }) => decisions));
  const there = new Set(numbers);
  for (let number = 1; number <= last; number++) {
    const file = decisionPath(repository, number);
    if (!includes(file)) continue;
    const add: Add = (problem, hint, of = []) => findings.push({ file, problem, hint, visits: of });
    if (!there.has(number)) add(`it is not there, ${numbers.some((each) => each > number) ? 'a later one is' : 'a visit knows of it'}`, DAMAGED_HINT);
    onRead({ kind: 'decision', file, bytes: there.has(number) ? await verifyDecision(store, repository, number, visits, add) : 0 });
  }
}

async function verifyDecision(store: Store, repository: string, number: number, visits: readonly Visit[], add: Add): Promise<number> {
  const { bytes, mode } = (await store.stat(decisionPath(repository, number))) ?? { bytes: 0, mode: 0 };
  if ((mode & ANY_WRITE) !== 0) add(`it can be written to, its mode is ${mode.toString(8)}`, 'Look whether it says what it should, and take the permission to write away.');
  try {
    const decision = await readDecision(store, repository, number);
    const problem = await visitProblem(store, decision, visits);
    if (problem !== null) add(problem, DAMAGED_HINT, [decision.visit]);
  } catch (error) {
    if (!isPivoError(error, 'Damaged', 'NotFound')) throw error;
    add(error.message, DAMAGED_HINT);
  }
  return bytes;
}

/** The policy decides before it writes the visit, and a run that died in between leaves a record that does not count; a person decides on what is there. */
async function visitProblem(store: Store, { repository, decision, visit, snapshot, by }: Decision, visits: readonly Visit[]): Promise<string | null> {
  const last = visits.at(-1)?.seq ?? 0;
  const named = visits.find(({ seq }) => seq === visit);
  const before = by === 'policy' && decision !== 'gone';
  if (named !== undefined) return before || named.snapshot === snapshot ? null : `it names ${snapshot} as the snapshot of visit ${visit}, which is ${named.snapshot}`;
  if ((before && visit === last + 1) || (await store.stat(visitPath(repository, visit))) !== null) return null; // the visit comes yet, came since, or is told of itself
  return `it names visit ${visit}, which is not there`;
}
