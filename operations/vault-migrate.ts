// Operation `vault-migrate`: hides the people that PIVO stored before its vault was on, or under older tokens.
import { z } from 'zod';
import { MIGRATE_VAULT_WORKFLOW_ID, WORKFLOW } from '../contract/names.ts';
import type { VaultMigration } from '../contract/vault.ts';
import { defineOperation } from './operation.ts';
import { followStarted, startOrJoin, type StartedRun } from './started-run.ts';
import { vaultOfOperator } from './vault-door.ts';

export const vaultMigrate = defineOperation({
  name: 'vault-migrate',
  description: 'Puts tokens wherever names and addresses were stored before the vault was on or its tokens were rotated: event log, index, conversations, documents, logs. Goes on where it stopped. For operators.',
  kind: 'decides',
  input: z.strictObject({ wait: z.boolean().default(true) }),
  async run(context, { wait }, options): Promise<VaultMigration | StartedRun> {
    await vaultOfOperator(context, 'migrate');
    const started = await startOrJoin(context, { type: WORKFLOW.migrateVault, workflowId: MIGRATE_VAULT_WORKFLOW_ID, input: { worker: context.workerId, actor: context.caller.user }, summary: 'Put tokens in the place of people' });
    return wait ? followStarted<VaultMigration>(context, started, options) : started;
  },
});
