// All activities of a worker, over one set of ports; workflows import their type only.
import type { ActivityDeps } from './act.ts';
import { claimRepository } from './claim-repository.ts';
import { drillRepository, listForDrill, recordFailedDrill } from './drill.ts';
import { embedLogs } from './embed-logs.ts';
import { embedRecords, type EmbeddingPass } from './embed-records.ts';
import { emitVisit } from './emit-visit.ts';
import { fetchOrigin } from './fetch-origin.ts';
import { ingestLogs } from './ingest-logs.ts';
import { joinIngest } from './join-ingest.ts';
import { postDelivery, type DeliveryProgress, type DeliveryStep } from './notify/post-delivery.ts';
import { queueNotification } from './notify/queue-notification.ts';
import { commitPipeline, findCommitPlace, requestPipelineMerge } from './pipelines/commit.ts';
import { proposePipeline } from './pipelines/propose.ts';
import { keepPipeline, lookAtPipeline, readJobLog } from './pipelines/watch.ts';
import { planIngest } from './plan-ingest.ts';
import { chooseRepository } from './push/choose-repository.ts';
import { requestPushBackups } from './push/request-push-backups.ts';
import { putCheckout } from './put-checkout.ts';
import { putPacks } from './put-packs.ts';
import { putVisit } from './put-visit.ts';
import { recordAudit } from './record-audit.ts';
import { repairRepository } from './repair.ts';
import { discardTarget } from './restore/discard-target.ts';
import { planRestore } from './restore/plan-restore.ts';
import { proveRestore } from './restore/prove-restore.ts';
import { pushRefs } from './restore/push-refs.ts';
import { recheckPlan } from './restore/recheck-plan.ts';
import { reconstruct } from './restore/reconstruct.ts';
import { awaitSpoolOpening } from './spool-gate/await-opening.ts';
import { claimSegments } from './spool-gate/claim.ts';
import { untilDone } from './spool-gate/ports.ts';
import { nextArchivedBatches, replayArchived } from './spool-gate/replay.ts';
import { settleSegments } from './spool-gate/settle.ts';
import { storeSegments } from './spool-gate/store.ts';
import { toActivity, type Act } from './temporal-act.ts';
import { createTurns } from './turns.ts';
import { hideHistories } from './vault/hide-histories.ts';
import { hideHome, type HiddenHome } from './vault/hide-home.ts';
import { hideIndex } from './vault/hide-index.ts';
import { hideLog } from './vault/hide-log.ts';
import { hideRepository, listForVault } from './vault/hide-repository.ts';
import { countVault, type VaultCounts } from './vault/vault-in.ts';
import { chooseVerifyPart, verifyPart } from './verify.ts';
import { nameWorkerQueue } from './worker-queue.ts';
import type { IngestJob } from '../contract/ingest.ts';
import { NotifyTurns } from '../notify/turns.ts';
import type { EmbedLogsSummary } from '../contract/log-search.ts';

/** Heavy acts at once: some wait for a network while others use the processor. */
const HEAVY_AT_ONCE = 4;

/** The activities as they are registered: names are the keys, each takes one object. */
export function createActivities(deps: ActivityDeps) {
  const turns = createTurns(HEAVY_AT_ONCE);
  const notifyTurns = new NotifyTurns();
  const storing = createTurns(1); // one process at a time writes the records: gates never wait for a backup's turn
  const light = <Input, Output>(act: Act<Input, Output>): ((input: Input) => Promise<Output>) => toActivity(deps, act);
  const heavy = <Input, Output>(act: Act<Input, Output>): ((input: Input) => Promise<Output>) => toActivity(deps, act, turns);
  return {
    claimRepository: light(claimRepository),
    planIngest: light(planIngest),
    nameWorkerQueue: light<void, string>(nameWorkerQueue),
    joinIngest: light(joinIngest),
    requestPushBackups: light(untilDone(requestPushBackups)),
    chooseRepository: light(chooseRepository),
    recordAudit: light(recordAudit),
    fetchOrigin: heavy(fetchOrigin),
    putPacks: heavy(putPacks),
    putCheckout: heavy(putCheckout),
    putVisit: heavy(putVisit),
    emitVisit: heavy((deps, { job, visit }: { job: IngestJob; visit: number }, run) => emitVisit(deps, job, visit, run)),
    planRestore: light(planRestore),
    recheckPlan: light(recheckPlan),
    reconstruct: heavy(reconstruct),
    pushRefs: heavy(pushRefs),
    proveRestore: light(proveRestore),
    discardTarget: light(discardTarget),
    chooseVerifyPart: light(chooseVerifyPart),
    verifyPart: heavy(verifyPart),
    listForDrill: light<void, string[]>(listForDrill),
    drillRepository: heavy(drillRepository),
    recordFailedDrill: light(recordFailedDrill),
    repairRepository: heavy(repairRepository),
    embedLogs: heavy<object, EmbedLogsSummary>(embedLogs),
    embedRecords: light<object, EmbeddingPass>(embedRecords),
    ingestLogs: heavy(ingestLogs),
    listForVault: light<void, string[]>(listForVault),
    hideRepository: heavy(hideRepository),
    hideLog: heavy<object, number | null>(hideLog),
    hideHome: heavy<object, HiddenHome>(hideHome),
    hideIndex: light<object, void>(hideIndex),
    hideHistories: light<object, number>(hideHistories),
    countVault: light<object, VaultCounts>(countVault),
    awaitSpoolOpening: light(untilDone(awaitSpoolOpening)),
    claimSegments: light(untilDone(claimSegments)),
    storeSegments: toActivity(deps, untilDone(storeSegments), storing),
    settleSegments: toActivity(deps, untilDone(settleSegments), storing),
    nextArchivedBatches: light(nextArchivedBatches),
    replayArchived: toActivity(deps, untilDone(replayArchived), storing),
    proposePipeline: heavy(proposePipeline),
    findCommitPlace: light(findCommitPlace),
    commitPipeline: light(commitPipeline),
    requestPipelineMerge: light(requestPipelineMerge),
    lookAtPipeline: light(lookAtPipeline),
    readJobLog: light(readJobLog),
    keepPipeline: light(keepPipeline),
    queueNotification: light(queueNotification),
    postDelivery: light<DeliveryStep, DeliveryProgress>((ports, step, run) => postDelivery(ports, step, run, notifyTurns)),
  };
}

export type Activities = ReturnType<typeof createActivities>;
