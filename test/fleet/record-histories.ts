// Records the histories of runs over whole fleets that test/workflows/replay.test.ts replays: `node test/fleet/record-histories.ts`.
import { PivoError, type FailureReport } from '../../contract/failures.ts';
import type { ForgeDataResult, ForgeStep } from '../../contract/forge-data.ts';
import { RETAIN_WORKFLOW_ID, WORKFLOW, discoverWorkflowId, forgeDataWorkflowId, restoreAllWorkflowId, restorePlannedWorkflowId, workerQueue } from '../../contract/names.ts';
import type { RestoreJob, RestoreReceipt } from '../../contract/restore.ts';
import { memberRestoreId, type PlannedMember, type RestoreAllPlan, type RestoreAllReceipt, type RestoreAllRow, type RestoreAllStatus } from '../../contract/restore-all.ts';
import { gate } from '../harness/ingest-acts.ts';
import { recordRun, saveContinued, saveHistory, type Recording, type Run } from '../harness/recorder.ts';
import { startTemporal, type StandIns } from '../harness/temporal.ts';

const TIME = '2026-11-21T10:00:00.000Z';
const PLAN_HASH = 'a'.repeat(64);
const TARGET = 'https://forge.example/acme';
const temporal = await startTemporal();

/** A run over these acts. */
function record(type: string, workflowId: string, args: unknown[], standIns: StandIns, more: Pick<Recording, 'during' | 'keep'>): Promise<void> {
  return recordRun(temporal, { type, workflowId, args, worker: { standIns: { recordAudit: async () => {}, queueNotification: async () => 0, ...standIns } }, ...more });
}

/** Asks to be left alone for a second when it is first called. */
function limitedOnce(): () => void {
  let asked = 0;
  return () => {
    if (asked++ === 0) throw new PivoError('Unavailable', 'the forge limits how often it is asked', { facts: { retryAfter: 1 } });
  };
}

const rows: RestoreAllRow[] = ['acme.a', 'acme.b', 'acme.c', 'acme.d', 'acme.e'].map((repository, n) => ({ repository, target: `${TARGET}/${repository}.git`, state: 'ready', planHash: String(n).repeat(64), visit: { seq: 1, time: TIME }, refs: { create: 2, 'fast-forward': 0, unchanged: 0, refuse: 0 }, packs: 1, bytes: 100, makes: n < 2 ? 'folder' : 'forge', warnings: [], reason: null }));
const members: PlannedMember[] = rows.map(({ repository, target, makes }, n) => ({ repository, target, planHash: String(n).repeat(64), makes }));
const excerpt: RestoreAllPlan = { formatVersion: 1, at: 'latest', target: TARGET, targetKind: 'remote', engine: 'spark', sums: { repositories: 5, ready: 5, nothing: 0, refused: 0, refs: { create: 10, 'fast-forward': 0, unchanged: 0, refuse: 0 }, packs: 5, bytes: 500, makes: 5 }, repositories: rows };
const failure: FailureReport = { kind: 'TargetRefused', message: 'the target took nothing' };

function receiptOf(job: RestoreJob, approvedBy: string | null, started: string): RestoreReceipt {
  const { repository, target, engine, requestedBy } = job.request;
  return {
    formatVersion: 1, restoreId: job.restoreId, planHash: PLAN_HASH, outcome: 'done', requestedBy, approvedBy, engine, workflow: job.workflow, started, finished: TIME,
    plan: { formatVersion: 1, repository, origin: `https://host.example/${repository}.git`, target, targetKind: 'remote', point: { asked: 'latest', kind: 'visit', visit: 1, snapshot: `swh:1:snp:${'0'.repeat(40)}`, commit: null }, objectFormat: 'sha1', refs: [], head: { symref: 'refs/heads/main', oid: null }, packs: [], shallow: [], makesTarget: false, warnings: [] },
    pushed: { created: 2, updated: 0, unchanged: 0, refused: 0 }, head: { restored: true }, proof: { planned: PLAN_HASH, observed: PLAN_HASH, refs: 2, objects: 3, packsVerified: 1, bytesVerified: 100 }, warnings: [],
  };
}

/** Five repositories: the forge asks one to wait, and the target refuses another. Two are made as a folder, so that one history tidies up and one goes by the forge. */
function restoreActs(): StandIns {
  const [limitPlan, limitMember] = [limitedOnce(), limitedOnce()];
  return {
    chooseRestores: async () => rows.length,
    planRestores: async () => (limitPlan(), 0),
    joinPlans: async () => ({ planHash: PLAN_HASH, excerpt, empty: null }),
    reconstructRestores: async () => rows.length,
    nextMembers: async (_deps, { after }) => members.slice(after, after + 2),
    beginMember: async ({ workerId }, { job }) => {
      if (job.request.repository === 'acme.c') limitMember();
      return workerQueue(workerId);
    },
    reconstruct: async () => ({ gitDir: 'restored.git', packsVerified: 1, bytesVerified: 100 }),
    pushRefs: async (_deps, { job }) => {
      if (job.request.repository === 'acme.b') throw new PivoError(failure.kind, failure.message);
      return { objects: 3, head: { restored: false }, warnings: [] };
    },
    restoreForgeHead: async (_deps, { pushed }) => ({ ...pushed, head: { restored: true } }),
    proveRestore: async (_deps, { job, approvedBy, started }) => receiptOf(job, approvedBy, started),
    discardTarget: async () => true,
    keepMemberFailure: async () => {},
    receiptOfMany: async (_deps, { job, approvedBy, started, begun }): Promise<RestoreAllReceipt> => ({
      formatVersion: 1, restoreId: job.restoreId, planHash: PLAN_HASH, at: 'latest', target: TARGET, engine: 'spark', outcome: 'partly', requestedBy: job.request.requestedBy, approvedBy, workflow: job.workflow, started, begun, finished: TIME,
      counts: { repositories: 5, restored: 4, unchanged: 0, failed: 1, refused: 0, nothing: 0, 'not begun': 0 }, objects: 12, bytesVerified: 400, repositoriesAMinute: 1, sha256: PLAN_HASH, receipts: members.slice(1, 2).map(({ repository, target, planHash }) => ({ repository, target, outcome: 'failed', restoreId: memberRestoreId(job.restoreId, repository), planHash, receipt: null, proof: null, head: null, warnings: [], failure })),
    }),
  };
}

/** A restore of many, and what a person decides. */
async function recordRestoreAll(restoreId: string, decide: (run: Run) => Promise<unknown>, keep: Recording['keep'], { approval = 'required', standIns = {} }: { approval?: 'required' | 'waived'; standIns?: StandIns } = {}): Promise<void> {
  const input = { repositories: rows.map(({ repository }) => repository), target: TARGET, engine: 'spark', atOnce: 2, approval, requestedBy: 'recorder' };
  const during = async (run: Run): Promise<void> => {
    while ((await run.query<RestoreAllStatus>('status')).state === 'planning');
    await decide(run);
  };
  await record(WORKFLOW.restoreAll, restoreAllWorkflowId(restoreId), [input, { mostEvents: 70 }], { ...restoreActs(), ...standIns }, { during, keep });
}

const approve = (run: Run): Promise<unknown> => run.executeUpdate('approve', { args: [{ planHash: PLAN_HASH, approver: 'ada' }] });

async function recordApprovedRestores(): Promise<void> {
  const restoreId = 'recorded';
  const child = (repository: string): string => restorePlannedWorkflowId(memberRestoreId(restoreId, repository));
  await recordRestoreAll(restoreId, approve, async (run) => {
    await saveContinued(temporal, ['restore-all.continued', 'restore-all.done'], run);
    await saveHistory(temporal, 'restore-planned.failed', child('acme.b'));
    await saveHistory(temporal, 'restore-planned.waited', child('acme.c'));
  });
}

const recordRejectedRestores = (): Promise<void> => recordRestoreAll('recorded-rejected', (run) => run.executeUpdate('reject', { args: [{ approver: 'ada', reason: 'not ours' }] }), 'restore-all.rejected');

/** A person ends it while two repositories come back. */
async function recordCancelledRestores(): Promise<void> {
  const held = gate();
  const standIns: StandIns = { reconstruct: async (_deps, _job, run) => held.pass(run.signal).then(() => Promise.reject(new Error('never'))) };
  await recordRestoreAll('recorded-cancelled', (run) => held.began.then(() => run.cancel()), 'restore-all.cancelled', { approval: 'waived', standIns });
}

const steps: ForgeStep[] = [{ name: 'issues', gives: ['issues', 'merge-requests'], way: 'changes' }, { name: 'labels', gives: ['labels'], way: 'all' }];
const exported: ForgeDataResult = { repository: 'recorded', export: 1, time: TIME, unchanged: false, records: { issues: 7, labels: 7 }, bytes: 700, assets: { stored: 1, bytes: 10 }, holes: [] };

/** An export that waits for the forge, and begins anew because another was faster. */
async function recordForgeData(): Promise<void> {
  const limit = limitedOnce();
  let puts = 0;
  const standIns: StandIns = {
    beginForgeData: async (_deps, { request, workflow }) => ({ request, workflow, url: `${TARGET}/recorded`, export: 1, forge: { kind: 'github', api: 'https://forge.example/api', path: 'acme/recorded' }, previous: null, marks: {}, steps }),
    fetchForgeStep: async () => (limit(), { records: 7 }),
    fetchForgeAssets: async () => ({ stored: 1, bytes: 10 }),
    putForgeExport: async () => {
      if (puts++ === 0) throw new PivoError('VisitConflict', 'another run was first');
      return exported;
    },
    emitForgeExports: async () => ({ events: 14 }),
  };
  await record(WORKFLOW.forgeData, forgeDataWorkflowId('recorded'), [{ repository: 'recorded', url: `${TARGET}/recorded` }], standIns, { keep: 'forge-data.waited' });
}

/** Two pages, listed again because something seems to have vanished; the forge asks for a wait between them. */
async function recordDiscovery(): Promise<void> {
  const limit = limitedOnce();
  const standIns: StandIns = {
    beginDiscovery: async () => {},
    discoverPage: async (_deps, { cursor }) => {
      if (cursor !== null) limit();
      return { cursor: cursor === null ? 'page 2' : null, listed: 5 };
    },
    missingInDiscovery: async () => 1,
    endDiscovery: async (_deps, { source, discovery }) => ({ source, discovery, present: 10, excluded: 0, new: 2, renamed: 1, vanished: 1 }),
  };
  await record(WORKFLOW.discover, discoverWorkflowId('recorded'), [{ source: 'recorded', requestedBy: 'recorder' }], standIns, { keep: 'discover.waited' });
}

/** Three repositories, one of which still needs what was to go. */
async function recordRetention(): Promise<void> {
  const standIns: StandIns = {
    planRetain: async () => rows.slice(0, 3).map(({ repository }) => ({ repository, hash: PLAN_HASH })),
    awaitIngestEnd: async () => {},
    recordRetention: async (_deps, { repository }) => {
      if (repository === 'acme.b') throw new PivoError('PlanChanged', 'the plan of acme.b is another one by now');
      return 1;
    },
    removeCheckouts: async (_deps, { repository, record: number }) => ({ repository, record: number, removed: 2, files: 20, bytes: 200, stayed: [] }),
  };
  await record(WORKFLOW.retain, RETAIN_WORKFLOW_ID, [{ hash: PLAN_HASH }], standIns, { keep: 'retain.one-failed' });
}

try {
  await recordApprovedRestores();
  await recordRejectedRestores();
  await recordCancelledRestores();
  await recordForgeData();
  await recordDiscovery();
  await recordRetention();
} finally {
  await temporal.stop();
}
process.exit();
