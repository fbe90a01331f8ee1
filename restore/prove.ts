// The proof of a restore: what the target answers, ref by ref, against what was planned.
import { PivoError } from '../contract/failures.ts';
import { refsDigest } from '../contract/plan.ts';
import type { RestorePlan } from '../contract/restore.ts';
import { lsRemote } from '../git/ls-remote.ts';
import type { Remote } from '../git/remote.ts';
import { wantedRefs } from './repository.ts';

export interface RefsProof {
  /** SHA-256 over `oid SP ref LF` in byte order of the names, as planned and as observed. */
  planned: string;
  observed: string;
  refs: number;
}

/**
 * Asks the target for its refs and compares. HEAD is compared where PIVO made the repository.
 * Fails with ProofFailed that names what differs.
 */
export async function proveRefs(remote: Remote, plan: RestorePlan, signal: AbortSignal): Promise<RefsProof> {
  const { refs, head } = await lsRemote(remote, { signal, role: 'target' });
  const wanted = wantedRefs(plan);
  const planned = refsDigest(wanted.map((ref) => [ref.name, ref.new]));
  const observed = refsDigest(wanted.map((ref) => [ref.name, refs.get(ref.name)]));
  const different = wanted.filter((ref) => refs.get(ref.name) !== ref.new).map((ref) => ({ name: ref.name, planned: ref.new, observed: refs.get(ref.name) ?? null }));
  const strangers = plan.makesTarget && refs.size !== wanted.length ? [...refs.keys()].filter((name) => !wanted.some((ref) => ref.name === name)) : [];
  const headDiffers = plan.makesTarget && (plan.head.symref !== null || plan.head.oid !== null) && (head.symref !== plan.head.symref || head.oid !== plan.head.oid);
  if (planned === observed && strangers.length === 0 && !headDiffers) return { planned, observed, refs: wanted.length };
  const what = different[0]?.name ?? strangers[0] ?? 'HEAD';
  throw new PivoError('ProofFailed', `${plan.target} is not as planned: ${what}${different.length > 1 ? ` and ${different.length - 1} more refs` : ''}`, {
    hint: 'Someone or something changed the target during the restore, or it stored something else: look at the refs named in the facts, then make a new plan.',
    facts: { planned, observed, different: different.slice(0, 20), strangers: strangers.slice(0, 20), ...(headDiffers ? { head, plannedHead: plan.head } : {}) },
  });
}
