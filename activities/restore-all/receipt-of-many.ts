// Act: writes the receipt of receipts: what became of every repository of the plan, by what is in the store.
import { createHash } from 'node:crypto';
import { failurePath, receiptPath, receiptsPath, restorePath } from '../../archive/layout.ts';
import { readSmall } from '../../archive/read.ts';
import type { Store } from '../../archive/store.ts';
import { isPivoError, type FailureReport } from '../../contract/failures.ts';
import { canonicalJson } from '../../contract/plan.ts';
import { PLAN_ROWS, type RestoreReceipt } from '../../contract/restore.ts';
import { memberRestoreId, type MemberOutcome, type MemberReceipt, type RestoreAllJob, type RestoreAllReceipt, type RestoreAllRow } from '../../contract/restore-all.ts';
import { atOnce } from '../../restore/many/at-once.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { storedJsonOrNull } from '../restore/stored-json.ts';
import { approvedPlan, keptOnce } from './ports.ts';

export interface ReceiptInput {
  job: RestoreAllJob;
  planHash: string;
  approvedBy: string | null;
  /** When the workflow started, and when its first step after the approval began: ISO 8601. */
  started: string;
  begun: string;
  cancelled: boolean;
}

/** Receipts that are read at the same time. */
const READS = 8;

/** The receipt with an excerpt of its rows; whole in the store, written once. Fails with PlanChanged, or as Store does. */
export async function receiptOfMany({ store }: ActivityDeps, input: ReceiptInput, { signal, onProgress }: ActRun): Promise<RestoreAllReceipt> {
  onProgress({ phase: 'writing the receipt' });
  const { restoreId } = input.job;
  const kept = (await storedJsonOrNull<RestoreAllReceipt>(store, receiptsPath(restoreId))) ?? (await keptOnce<RestoreAllReceipt>(store, receiptsPath(restoreId), `${JSON.stringify(await made(store, input), null, 1)}\n`, signal));
  await store.seal(restorePath(restoreId));
  return { ...kept, receipts: kept.receipts.toSorted((a, b) => FIRST.indexOf(a.outcome) - FIRST.indexOf(b.outcome)).slice(0, PLAN_ROWS) };
}

const FIRST: MemberOutcome[] = ['failed', 'refused', 'not begun', 'nothing', 'restored', 'unchanged'];

async function made(store: Store, { job, planHash, approvedBy, started, begun, cancelled }: ReceiptInput): Promise<RestoreAllReceipt> {
  const { repositories, at, target, engine } = await approvedPlan(store, job.restoreId, planHash);
  const receipts = await atOnce(READS, repositories, (row) => memberReceipt(store, job.restoreId, row));
  const counts = { repositories: receipts.length, ...(Object.fromEntries(FIRST.map((outcome) => [outcome, receipts.filter((each) => each.outcome === outcome).length])) as Record<MemberOutcome, number>) };
  const finished = new Date().toISOString();
  const back = counts.restored + counts.unchanged;
  const rest = {
    formatVersion: 1 as const,
    restoreId: job.restoreId,
    planHash,
    at,
    target,
    engine,
    outcome: cancelled ? ('cancelled' as const) : back + counts.nothing === counts.repositories ? ('done' as const) : ('partly' as const),
    requestedBy: job.request.requestedBy,
    approvedBy,
    workflow: job.workflow,
    started,
    begun,
    finished,
    counts,
    objects: receipts.reduce((sum, { proof }) => sum + (proof?.objects ?? 0), 0),
    bytesVerified: receipts.reduce((sum, { proof }) => sum + (proof?.bytesVerified ?? 0), 0),
    repositoriesAMinute: Math.round((600_000 * back) / Math.max(1, Date.parse(finished) - Date.parse(begun))) / 10,
    receipts,
  };
  return { ...rest, sha256: createHash('sha256').update(canonicalJson(rest)).digest('hex') };
}

async function memberReceipt(store: Store, many: string, { repository, target, state, planHash, reason }: RestoreAllRow): Promise<MemberReceipt> {
  const restoreId = state === 'ready' ? memberRestoreId(many, repository) : null;
  const none: MemberReceipt = { repository, target, outcome: state === 'ready' ? 'not begun' : state, restoreId, planHash, receipt: null, proof: null, head: null, warnings: [], failure: reason };
  if (restoreId === null) return none;
  const bytes = await readSmall(store, receiptPath(restoreId)).catch((error: unknown) => {
    if (isPivoError(error, 'NotFound')) return null;
    throw error;
  });
  if (bytes !== null) return { ...none, ...proven(bytes) };
  const failure = await storedJsonOrNull<FailureReport>(store, failurePath(restoreId));
  return failure === null ? none : { ...none, outcome: 'failed', failure };
}

function proven(bytes: Buffer): Pick<MemberReceipt, 'outcome' | 'receipt' | 'proof' | 'head' | 'warnings'> {
  const { proof, head, pushed, plan, warnings } = JSON.parse(bytes.toString('utf8')) as RestoreReceipt;
  const { planned, observed, refs, objects, bytesVerified } = proof;
  const was = pushed.created + pushed.updated === 0 && !plan.makesTarget && plan.creates !== true;
  return { outcome: was ? 'unchanged' : 'restored', receipt: createHash('sha256').update(bytes).digest('hex'), proof: { planned, observed, refs, objects, bytesVerified }, head, warnings };
}
