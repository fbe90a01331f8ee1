// What stops a plan: refs that the target would refuse and that were asked for.
import { PivoError } from '../contract/failures.ts';
import type { RestorePlan } from '../contract/restore.ts';

/** The failure of a plan that cannot be carried out, or null when it can. */
export function blockedPlan(plan: RestorePlan): PivoError | null {
  const blocking = plan.refs.filter((ref) => ref.blocks === true);
  const [first] = blocking;
  if (first === undefined) return null;
  const others = blocking.length === 1 ? '' : `, and ${blocking.length - 1} more`;
  return new PivoError('TargetRefused', `target not empty: ${plan.target} cannot take ${first.name}: ${first.reason}${others}`, {
    hint: 'Nothing was changed. Restore to an empty target or a new path, or name the refs that you want with --refs.',
    facts: { target: plan.target, refused: blocking.slice(0, 20).map(({ name, reason }) => ({ name, reason })) },
  });
}
