// All activities of a worker, over one set of ports; workflows import their type only.
import type { ActivityDeps } from './act.ts';
import { claimRepository } from './claim-repository.ts';
import { drillRepository, listForDrill, recordFailedDrill } from './drill.ts';
import { embedLogs } from './embed-logs.ts';
import { emitVisit } from './emit-visit.ts';
import { fetchOrigin } from './fetch-origin.ts';
import { ingestLogs } from './ingest-logs.ts';
import { joinIngest } from './join-ingest.ts';
import { planIngest } from './plan-ingest.ts';
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
import { toActivity, type Act } from './temporal-act.ts';
import { createTurns } from './turns.ts';
import { chooseVerifyPart, verifyPart } from './verify.ts';
import { nameWorkerQueue } from './worker-queue.ts';
import type { IngestJob } from '../contract/ingest.ts';
import type { EmbedLogsSummary } from '../contract/log-search.ts';

/** Heavy acts at once: some wait for a network while others use the processor. */
const HEAVY_AT_ONCE = 4;

/** The activities as they are registered: names are the keys, each takes one object. */
export function createActivities(deps: ActivityDeps) {
  const turns = createTurns(HEAVY_AT_ONCE);
  const light = <Input, Output>(act: Act<Input, Output>): ((input: Input) => Promise<Output>) => toActivity(deps, act);
  const heavy = <Input, Output>(act: Act<Input, Output>): ((input: Input) => Promise<Output>) => toActivity(deps, act, turns);
  return {
    claimRepository: light(claimRepository),
    planIngest: light(planIngest),
    nameWorkerQueue: light<void, string>(nameWorkerQueue),
    joinIngest: light(joinIngest),
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
    ingestLogs: heavy(ingestLogs),
  };
}

export type Activities = ReturnType<typeof createActivities>;
