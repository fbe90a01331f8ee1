// All activities of a worker, over one set of ports; workflows import their type only.
import type { ActivityDeps } from './act.ts';
import { aloneInCache } from './alone-in-cache.ts';
import { claimRepository } from './claim-repository.ts';
import { drillRepository, listForDrill, recordFailedDrill } from './drill.ts';
import { embedLogs } from './embed-logs.ts';
import { embedRecords, type EmbeddingPass } from './embed-records.ts';
import { emitVisit } from './emit-visit.ts';
import { fetchOrigin } from './fetch-origin.ts';
import { beginForgeData } from './forge-data/begin.ts';
import { emitForgeExports } from './forge-data/emit-exports.ts';
import { fetchForgeAssets } from './forge-data/fetch-assets.ts';
import { fetchForgeStep } from './forge-data/fetch-step.ts';
import { putForgeExport } from './forge-data/put-export.ts';
import { beginFleet, countFleet } from './fleet/begin.ts';
import { beginDiscovery, discoverPage, endDiscovery, missingInDiscovery, type DiscoveredPage } from './fleet/discover.ts';
import { nextFleetPage } from './fleet/page.ts';
import { recordFleetForgeData, recordFleetItems, recordVanished } from './fleet/record.ts';
import { reportFleet } from './fleet/report.ts';
import { wikiIsThere } from './fleet/wiki.ts';
import { ingestLogs } from './ingest-logs.ts';
import { joinIngest } from './join-ingest.ts';
import { joinRun } from './join-run.ts';
import { postDelivery, type DeliveryProgress, type DeliveryStep } from './notify/post-delivery.ts';
import { queueNotification } from './notify/queue-notification.ts';
import { commitPipeline, findCommitPlace, requestPipelineMerge } from './pipelines/commit.ts';
import { proposePipeline } from './pipelines/propose.ts';
import { keepPipeline, lookAtPipeline, readJobLog } from './pipelines/watch.ts';
import { planIngest } from './plan-ingest.ts';
import { chooseRepository } from './push/choose-repository.ts';
import { requestPushBackups } from './push/request-push-backups.ts';
import { putCheckout } from './put-checkout.ts';
import { putLfs } from './put-lfs.ts';
import { putPacks } from './put-packs.ts';
import { putVisit } from './put-visit.ts';
import { recordAudit } from './record-audit.ts';
import { repairRepository } from './repair.ts';
import { beginMember, keepMemberFailure, restoreForgeHead } from './restore-all/begin-member.ts';
import { chooseRestores } from './restore-all/choose-restores.ts';
import { joinPlans } from './restore-all/join-plans.ts';
import { nextMembers } from './restore-all/next-members.ts';
import { planRestores } from './restore-all/plan-restores.ts';
import { receiptOfMany } from './restore-all/receipt-of-many.ts';
import { reconstructRestores } from './restore-all/reconstruct-restores.ts';
import { discardTarget } from './restore/discard-target.ts';
import { planRestore } from './restore/plan-restore.ts';
import { proveRestore } from './restore/prove-restore.ts';
import { pushRefs } from './restore/push-refs.ts';
import { recheckPlan } from './restore/recheck-plan.ts';
import { reconstruct } from './restore/reconstruct.ts';
import { awaitIngestEnd } from './retention/await-ingest-end.ts';
import { planRetain, recordRetention, removeCheckouts } from './retention/retain.ts';
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
  const cached = <Output>(act: Act<IngestJob, Output>): ((job: IngestJob) => Promise<Output>) => heavy(aloneInCache(act));
  return {
    claimRepository: light(claimRepository),
    planIngest: light(planIngest),
    nameWorkerQueue: light<void, string>(nameWorkerQueue),
    joinIngest: light(joinIngest),
    joinRun: light(joinRun),
    requestPushBackups: light(untilDone(requestPushBackups)),
    chooseRepository: light(chooseRepository),
    recordAudit: light(recordAudit),
    fetchOrigin: cached(fetchOrigin),
    putPacks: cached(putPacks),
    putLfs: cached(putLfs),
    putCheckout: cached(putCheckout),
    putVisit: cached(putVisit),
    emitVisit: heavy((deps, { job, visit }: { job: IngestJob; visit: number }, run) => emitVisit(deps, job, visit, run)),
    planRestore: light(planRestore),
    recheckPlan: light(recheckPlan),
    reconstruct: heavy(reconstruct),
    pushRefs: heavy(pushRefs),
    proveRestore: light(proveRestore),
    discardTarget: light(discardTarget),
    chooseRestores: light(chooseRestores),
    planRestores: light(planRestores),
    joinPlans: light(joinPlans),
    nextMembers: light(nextMembers),
    reconstructRestores: heavy(reconstructRestores),
    beginMember: light(beginMember),
    restoreForgeHead: light(restoreForgeHead),
    keepMemberFailure: light(keepMemberFailure),
    receiptOfMany: light(receiptOfMany),
    chooseVerifyPart: light(chooseVerifyPart),
    verifyPart: heavy(verifyPart),
    listForDrill: light<void, string[]>(listForDrill),
    drillRepository: heavy(drillRepository),
    recordFailedDrill: light(recordFailedDrill),
    repairRepository: heavy(repairRepository),
    planRetain: heavy(planRetain),
    awaitIngestEnd: light(awaitIngestEnd),
    recordRetention: light(recordRetention),
    removeCheckouts: heavy(removeCheckouts),
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
    beginFleet: light(beginFleet),
    countFleet: light(countFleet),
    nextFleetPage: light(nextFleetPage),
    recordFleetItems: light(recordFleetItems),
    recordFleetForgeData: light(recordFleetForgeData),
    recordVanished: light(recordVanished),
    reportFleet: light(reportFleet),
    wikiIsThere: light(wikiIsThere),
    beginDiscovery: light(beginDiscovery),
    discoverPage: light<{ source: string; discovery: string; cursor: string | null }, DiscoveredPage>(discoverPage),
    missingInDiscovery: light(missingInDiscovery),
    endDiscovery: light(endDiscovery),
    beginForgeData: light(beginForgeData),
    fetchForgeStep: light(fetchForgeStep),
    fetchForgeAssets: light(fetchForgeAssets),
    putForgeExport: heavy(putForgeExport),
    emitForgeExports: heavy(emitForgeExports),
    queueNotification: light(queueNotification),
    postDelivery: light<DeliveryStep, DeliveryProgress>((ports, step, run) => postDelivery(ports, step, run, notifyTurns)),
  };
}

export type Activities = ReturnType<typeof createActivities>;
