// Act: brings the planned refs to the target, by a push or into a path that held nothing.
import type { LfsRestored } from '../../contract/lfs.ts';
import type { PushOutcome, Reconstruction, RestoreJob, RestorePlan } from '../../contract/restore.ts';
import { git } from '../../git/process.ts';
import type { Remote } from '../../git/remote.ts';
import { fillPath } from '../../restore/fill.ts';
import { pushPlan } from '../../restore/push.ts';
import { sendLfs } from '../../restore/send-lfs.ts';
import { wantedRefs } from '../../restore/repository.ts';
import { stateOf, withTarget } from '../../restore/target.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { accessOf } from './access.ts';
import { plannedRestore } from './stored-plan.ts';

export interface PushInput {
  job: RestoreJob;
  reconstruction: Reconstruction;
}

/** Done again after a kill, it finds what is there already. Fails as `sendLfs`, `pushPlan` and `fillPath` do. */
export async function pushRefs(deps: ActivityDeps, { job, reconstruction }: PushInput, run: ActRun): Promise<PushOutcome> {
  const plan = await plannedRestore(deps, job);
  const access = accessOf(deps, job);
  return withTarget(job.request.target, access, async (remote) => {
    const send = (): ReturnType<typeof sendLfs> => sendLfs(plan, { store: deps.store, gitDir: reconstruction.gitDir, target: remote.url, access, run });
    if (plan.makesTarget) return withLfs(await fillPath(remote.url, reconstruction.gitDir, plan, job.restoreId, run), await send());
    const lfs = await send();
    const objects = wantedRefs(plan).length === 0 ? 0 : await pushPlan(remote, reconstruction.gitDir, plan, run);
    return withLfs({ objects, head: await restoreHead(remote, plan, (await stateOf(remote, access, run.signal)).head), warnings: [] }, lfs);
  });
}

const withLfs = (outcome: PushOutcome, lfs: LfsRestored | undefined): PushOutcome => ({ ...outcome, ...(lfs === undefined ? {} : { lfs }) });

/** HEAD is set in a bare repository of this machine that had no refs; anywhere else git cannot. */
async function restoreHead(remote: Remote, plan: RestorePlan, now: RestorePlan['head']): Promise<PushOutcome['head']> {
  const { symref, oid } = plan.head;
  if (symref === null && oid === null) return { restored: false, note: 'the archived state has no HEAD' };
  if (symref === null ? now.symref === null && now.oid === oid : now.symref === symref) return { restored: true };
  const fresh = plan.targetKind === 'bare' && wantedRefs(plan).every((ref) => ref.old === null) && now.oid === null;
  if (!fresh || symref?.startsWith('refs/heads/') !== true) return { restored: false, note: `HEAD was ${symref ?? `detached at ${oid}`}; git cannot push it, set it at the target` };
  await git(['symbolic-ref', 'HEAD', symref], { gitDir: remote.url });
  return { restored: true };
}
