// Workflow `migrateVault`: puts tokens wherever people were stored before the vault was on, or under older tokens.
import { ActivityCancellationType, continueAsNew, defineQuery, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { z } from 'zod';
import type { Activities } from '../activities/index.ts';
import type { Progress } from '../contract/ingest.ts';
import { QUERY, workerQueue } from '../contract/names.ts';
import type { VaultMigration } from '../contract/vault.ts';
import { endingOf, parseWorkflowInput } from './failure.ts';
import { patiently } from './ingest-steps.ts';

const MigrateInput = z.strictObject({
  /** Whose home it is. */
  worker: z.string().min(1),
  actor: z.string().min(1),
  /** Where an earlier run of this one stopped. */
  done: z.strictObject({ last: z.string(), repositories: z.number(), commits: z.number(), messages: z.number() }).optional(),
});
type MigrateInput = z.infer<typeof MigrateInput>;
type Done = NonNullable<MigrateInput['done']>;

type Acts = Pick<Activities, 'listForVault' | 'hideRepository' | 'hideLog' | 'hideHome' | 'hideIndex' | 'hideHistories' | 'countVault'>;

/** Files of one home: its own worker does everything; each act may be done again. */
const on = (worker: string): Acts =>
  proxyActivities<Acts>({
    taskQueue: workerQueue(worker),
    startToCloseTimeout: '1 day',
    heartbeatTimeout: '2 minutes',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
  });

const statusQuery = defineQuery<Progress>(QUERY.status);

const KAFKA_LEFT = 'Kafka: the topic of commits has the events of before, with names and addresses; docs/vault.md says how to remove them';
const AUDIT_LEFT = 'archive: audit records and visit files from before are write-once; packs, checkouts and restores hold git\'s own bytes';
const HISTORIES_LEFT = 'Temporal: histories of failed runs from before go with their retention; its own file gives removed ones up when `pivo up` starts it next';

/** Repository by repository, and then what is not of one; goes on where it stopped. Fails with the report of the act that failed. */
export async function migrateVault(input: unknown): Promise<VaultMigration> {
  const progress: Progress = { phase: 'hiding people' };
  setHandler(statusQuery, () => progress);
  const migration = parseWorkflowInput(MigrateInput, input, 'migrateVault input');
  const acts = on(migration.worker);
  try {
    const { repositories, commits, messages } = await hideRepositories(acts, migration, progress);
    progress.phase = 'hiding people in the event log';
    const swept = await acts.hideLog({});
    progress.phase = 'building the index anew';
    await acts.hideIndex({});
    progress.phase = 'hiding people in conversations and logs';
    await acts.hideHistories({});
    const { texts, logsEmptied } = await acts.hideHome({});
    const { people } = await acts.countVault({});
    const left = [...(swept === null ? [KAFKA_LEFT] : []), ...(logsEmptied ? ['the log index named people and was emptied: PIVO reads its own logs again, others have to be uploaded again'] : []), AUDIT_LEFT, HISTORIES_LEFT];
    const result: VaultMigration = { repositories, commits, people, messages: messages + (swept ?? 0), texts, left };
    await patiently.recordAudit(auditOf(migration.actor, result));
    return result;
  } catch (error) {
    throw endingOf(error);
  }
}

async function hideRepositories(acts: Acts, migration: MigrateInput, progress: Progress): Promise<Done> {
  const done: Done = migration.done ?? { last: '', repositories: 0, commits: 0, messages: 0 };
  const names = (await acts.listForVault()).filter((name) => name > done.last);
  const total = done.repositories + names.length;
  for (const repository of names) {
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof migrateVault>({ ...migration, done });
    Object.assign(progress, { phase: `hiding the people of ${repository}`, done: done.repositories, total });
    const { commits, messages } = await acts.hideRepository({ repository });
    Object.assign(done, { last: repository, repositories: done.repositories + 1, commits: done.commits + commits, messages: done.messages + messages });
    setCurrentDetails(`${done.repositories} of ${total} repositories, ${done.commits} commits`);
  }
  return done;
}

function auditOf(actor: string, { left: _left, ...counts }: VaultMigration): Parameters<typeof patiently.recordAudit>[0] {
  const { workflowId, runId } = workflowInfo();
  return { id: `audit:vault:migrate:${runId}`, time: new Date().toISOString(), action: 'vault', outcome: 'done', repository: null, actor, workflow: { id: workflowId, runId }, details: { act: 'migrate', ...counts } };
}
