// What the operations of the vault share, and the others that hide people: opening it, who asks, and telling the audit log.
import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '../contract/events.ts';
import { PivoError } from '../contract/failures.ts';
import { EMIT_WORKFLOW, TASK_QUEUE, emitWorkflowId } from '../contract/names.ts';
import { isOperator, type Asker } from '../vault/access.ts';
import type { People } from '../vault/people.ts';
import { isMachine, type OperationContext, type VaultDoor } from './operation.ts';

/** What hides people; undefined where the vault is off. */
export const peopleOf = async ({ vault }: OperationContext): Promise<People | undefined> => (vault === undefined ? undefined : (await vault.open()).people);

/** Fails with NotFound where the vault is off. */
export function vaultOf({ vault }: OperationContext): VaultDoor {
  if (vault !== undefined) return vault;
  throw new PivoError('NotFound', 'this home has no vault', { hint: 'Set `enabled = true` in `[vault]` of config.toml, start PIVO again and run `pivo vault migrate`.' });
}

/** Whom the rules see; a program that speaks for somebody is nobody. */
export const askerOf = ({ caller }: OperationContext): Asker => ({ user: caller.user, owner: caller.owner, machine: isMachine(caller) || caller.via === 'schedule' });

/** The vault, for an operator. A refusal is told. Fails with NotAllowed and NotFound. */
export async function vaultOfOperator(context: OperationContext, act: string): Promise<VaultDoor> {
  const door = vaultOf(context);
  if (isOperator(askerOf(context), door.rules)) return door;
  await tellAudit(context, { act, outcome: 'refused', facts: {} });
  throw new PivoError('NotAllowed', `${context.caller.user} may not ${act} in the vault`, { hint: 'Only operators of the vault may: the owner of this home, and the users that `[vault] operators` names.' });
}

export interface VaultAct {
  act: string;
  outcome: AuditEvent['outcome'];
  /** Tokens and counts; never a name or an address. */
  facts: Record<string, unknown>;
  /** Told again under the same key, it is one record. */
  key?: string;
}

/** Returns when it is certain that the act will be in the audit log: what cannot be told is not done. Fails with Unavailable. */
export async function tellAudit(context: OperationContext, { act, outcome, facts, key = randomUUID() }: VaultAct): Promise<void> {
  const client = await context.temporal();
  const record: Omit<AuditEvent, 'type'> = { id: `audit:vault:${act}:${key}`, time: new Date().toISOString(), action: 'vault', outcome, repository: null, actor: context.caller.user, workflow: null, details: { act, ...facts } };
  await client.workflow.start(EMIT_WORKFLOW, { workflowId: emitWorkflowId('vault', key, act), taskQueue: TASK_QUEUE, workflowIdReusePolicy: 'ALLOW_DUPLICATE', workflowIdConflictPolicy: 'USE_EXISTING', args: [{ repository: 'vault', visit: null, record }], staticSummary: `Tell the event log: vault, ${act}` });
}
