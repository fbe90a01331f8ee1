// `restore`, `plan`, `approve`, `reject`, `approvals`: getting a repository back, with a person's consent.
import type { Command } from 'commander';
import { PivoError, type FailureReport } from '../../../contract/failures.ts';
import type { IngestApproval, IngestResult } from '../../../contract/ingest.ts';
import type { PipelineRunStatus } from '../../../contract/pipeline-run.ts';
import type { PlanAction, RestorePlan, RestoreReceipt, RestoreStatus } from '../../../contract/restore.ts';
import type { RestoreAllReceipt, RestoreAllStatus } from '../../../contract/restore-all.ts';
import { parseSpec } from '../../../contract/spec.ts';
import { ask, canAsk } from '../ask.ts';
import { exitCodeOf } from '../failure.ts';
import { instant, safeLine, table } from '../format.ts';
import { example, JSON_OPTION, POINT_HELP } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import { placeOf } from '../place.ts';
import type { Act } from '../program.ts';
import { planText, receiptText, statusText } from '../receipt-text.ts';
import type { Session } from '../session.ts';
import { decideMany, meansMany, planMany, printReceiptOfMany, restoreMany, withMany, type ManyOptions } from './restore-all.ts';
import { spanSeconds } from '../span.ts';

interface PlanOptions {
  to: string;
  refs?: string[];
  credential?: string;
  lfs?: string;
}

interface RestoreOptions extends PlanOptions {
  engine?: string;
  yes?: boolean;
  expires?: string;
}

export function addRestoreCommands(program: Command, act: Act): void {
  withMany(withTarget(program.command('restore').description('restore a repository, or all of them, as it was at a point in time; shows the plan and asks first')))
    .option('--at-once <repositories>', 'with --all or --source: restored at the same time (default: 4)', wholeNumber)
    .option('--engine <engine>', 'who checks and reconstructs: local, or spark through spark-submit (default: local)')
    .option('-y, --yes', 'carry the plan out without asking')
    .option('--expires <span>', 'how long the plan waits for approval: 30m, 6h, 2d (default: 1d)')
    .option(...JSON_OPTION)
    .addHelpText('after', POINT_HELP + example('pivo restore execa --to ./execa.git --yes', 'pivo restore execa@2026-11-01T12:00Z --to ./execa', 'pivo restore execa@v9.0.0 --to git@host:team/execa.git --credential deploy-key', 'pivo restore --all --at 2026-11-01T12:00Z --to ./restored', 'pivo restore --source acme --to https://gitlab.example.com/rescue --credential gitlab'))
    .action(act(async (session, spec: string | undefined, options: RestoreOptions & ManyOptions) => (meansMany(spec, options) ? restoreMany(session, options) : restore(session, spec ?? '', options))));
  withMany(withTarget(program.command('plan').description('say what a restore would do, ref by ref, or of many repository by repository; changes nothing')))
    .option(...JSON_OPTION)
    .addHelpText('after', POINT_HELP + example('pivo plan execa@v9.0.0 --to git@host:team/execa.git', 'pivo plan --all --at 2026-11-01 --to ./restored'))
    .action(act(async (session, spec: string | undefined, options: PlanOptions & ManyOptions) => (meansMany(spec, options) ? planMany(session, options) : plan(session, spec ?? '', options))));
  program
    .command('approve')
    .description('approve a restore, backup or pipeline that waits for it, by the hash of its plan, and see it through')
    .argument('<id>', 'the restore, backup or pipeline, as `pivo approvals` names it')
    .argument('[hash]', 'the hash of its plan; without it the plan is shown and asked about')
    .option('--no-wait', 'return when it is approved')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo approve execa-3f9a2c11d0', 'pivo approve execa-3f9a2c11d0 6b1f…  # the whole hash, as `pivo approvals --json` has it'))
    .action(act(async (session, id: string, hash: string | undefined, { wait }: { wait: boolean }) => approve(session, id, hash, wait)));
  program
    .command('reject')
    .description('reject what waits for approval: a restore, backup or pipeline; it ends without having changed anything')
    .argument('<id>', 'the restore, backup or pipeline, as `pivo approvals` names it')
    .option('--reason <text>', 'why, for the audit log')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo reject execa-3f9a2c11d0 --reason "wrong target"'))
    .action(act(async (session, id: string, { reason }: { reason?: string }) => {
      const status = await session.call<RestoreStatus>('reject', { restore: id, ...(reason === undefined ? {} : { reason }) });
      await session.answer(status, () => `${session.style.green('✓')} ${id} is rejected; nothing was changed\n`);
    }));
  program
    .command('approvals')
    .description('the restores, backups and pipelines that wait for approval')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo approvals'))
    .action(act(async (session) => {
      const waiting = await waitingApprovals(session);
      await session.answer(waiting, () => waitingText(waiting, session));
    }));
}

const withTarget = (command: Command): Command =>
  command
    .argument('[repo[@point]]', 'the repository and the point in time; none with --all or --source')
    .requiredOption('-t, --to <target>', 'a URL, x.git for a new bare repository, or a path for a working clone; for many see --all')
    .option('--refs <ref>', 'all, or a full ref name; may be given several times', (ref: string, before: string[] | undefined) => [...(before ?? []), ref])
    .option('-c, --credential <name>', 'a credential stored with `pivo credential add`')
    .option('--lfs <policy>', 'objects of Git LFS: auto, or none to bring back only the pointers (default: auto)');

function inputOf(spec: string, { to, refs, credential, lfs }: PlanOptions): object {
  const [only] = refs ?? [];
  const chosen = refs?.length === 1 && (only === 'all' || only === 'default') ? only : refs;
  return { ...parseSpec(spec), target: placeOf(to, process.cwd()), ...(chosen === undefined ? {} : { refs: chosen }), ...(credential === undefined ? {} : { credential }), ...(lfs === undefined ? {} : { lfs }) };
}

async function restore(session: Session, spec: string, options: RestoreOptions): Promise<number> {
  const input = { ...inputOf(spec, options), ...(options.engine === undefined ? {} : { engine: options.engine }), ...(options.expires === undefined ? {} : { expiresAfter: spanSeconds(options.expires) }) };
  session.progress.begin(options.yes === true ? 'restoring' : 'planning');
  if (options.yes === true) return printReceipt(session, await session.call<RestoreReceipt>('restore', { ...input, yes: true }));
  const status = await session.call<RestoreStatus>('restore', { ...input, wait: false });
  if (canAsk(session) && status.planHash !== null && status.plan !== null) return decide(session, status, status.planHash);
  await session.answer(status, () => `${statusText(status, session.style)}It waits for approval: pivo approve ${status.restoreId} ${status.planHash ?? ''}\n`);
  return 0;
}

async function printReceipt(session: Session, receipt: RestoreReceipt): Promise<number> {
  await session.answer(receipt, () => receiptText(receipt, session.style));
  return 0;
}

/** Shows the plan and does what the person says. A rejected plan gives the exit code of PlanRejected. */
async function decide(session: Session, status: RestoreStatus, planHash: string): Promise<number> {
  session.note(statusText(status, session.style));
  if (await ask(session, 'Carry this plan out?')) return printReceipt(session, await session.call<RestoreReceipt>('approve', { restore: status.restoreId, planHash, wait: true }));
  await session.call('reject', { restore: status.restoreId, planHash, reason: 'declined at the terminal' });
  throw new PivoError('PlanRejected', 'the plan was not carried out; nothing was changed');
}

interface PlanAnswer {
  planHash: string;
  counts: Record<PlanAction, number>;
  blocked: FailureReport | null;
  plan: RestorePlan;
}

/** A plan that cannot be carried out gives the exit code of its reason. */
async function plan(session: Session, spec: string, options: PlanOptions): Promise<number> {
  session.progress.begin('planning');
  const answer = await session.call<PlanAnswer>('plan', inputOf(spec, options));
  await session.answer(answer, () => `${session.style.bold('Plan')} ${session.style.dim(answer.planHash)}\n${planText(answer.plan, answer.counts, session.style)}${blockedText(answer.blocked, session)}`);
  return answer.blocked === null ? 0 : exitCodeOf(answer.blocked);
}

const blockedText = (blocked: FailureReport | null, { style }: Session): string => (blocked === null ? '' : `${style.red('It cannot be carried out:')} ${safeLine(blocked.message)}\n${blocked.hint === undefined ? '' : `${safeLine(blocked.hint)}\n`}`);

async function approve(session: Session, id: string, hash: string | undefined, wait: boolean): Promise<number> {
  if (hash === undefined) {
    const [status, planHash] = await seen(session, id);
    return 'counts' in status ? decide(session, status, planHash) : decideMany(session, status, planHash);
  }
  const answer = await session.call<RestoreReceipt | RestoreAllReceipt | IngestResult | { state: string }>('approve', { restore: id, planHash: hash, wait });
  if ('proof' in answer) return printReceipt(session, answer);
  if ('receipts' in answer) return printReceiptOfMany(session, answer);
  await session.answer(answer, (told) => `${session.style.green('✓')} ${id} is approved (${'visit' in told ? `visit ${told.visit} of ${told.repository}` : told.state})\n`);
  return 0;
}

/** Consent without a hash needs a person who sees the plan. */
async function seen(session: Session, id: string): Promise<[RestoreStatus | RestoreAllStatus, string]> {
  if (!canAsk(session)) throw new PivoError('InvalidInput', 'the hash of the plan is missing', { hint: `See it with \`pivo approvals\`, then: pivo approve ${id} HASH` });
  const found = (await waitingApprovals(session)).find((each) => idOf(each) === id || each.workflowId === id);
  if (found?.type === 'ingest') throw new PivoError('InvalidInput', `the hash of the backup of ${found.plan.origin} is missing`, { hint: `If you want that origin: pivo approve ${id} ${found.planHash}` });
  if (found?.type === 'pipeline') throw new PivoError('InvalidInput', `${id} is a pipeline`, { hint: `See its files and approve it with: pivo pipeline approve ${id}` });
  if (found?.planHash == null) throw new PivoError('NotFound', `no restore "${id}" waits for approval`, { hint: '`pivo approvals` lists those that do.' });
  return [found, found.planHash];
}

type Asked = { workflowId: string; requestedBy: string | null };
type Waiting = (RestoreStatus & Asked & { type: 'restore' }) | (RestoreAllStatus & Asked & { type: 'restore-all' }) | (IngestApproval & Asked & { type: 'ingest' }) | (PipelineRunStatus & Asked & { type: 'pipeline' });

const waitingApprovals = (session: Session): Promise<Waiting[]> => session.call<Waiting[]>('approvals', {});

/** What `approve` and `reject` take. */
const idOf = (waiting: Waiting): string => (waiting.type === 'restore' || waiting.type === 'restore-all' ? waiting.restoreId : waiting.type === 'pipeline' ? waiting.pipelineId : waiting.workflowId);

function placesOf(waiting: Waiting): { from: string; to: string } {
  if (waiting.type === 'ingest') return { from: waiting.plan.origin, to: `backup as ${waiting.plan.repository}` };
  if (waiting.type === 'pipeline') return { from: waiting.plan === null ? '-' : `pipeline of ${waiting.plan.repository}`, to: waiting.plan?.forge ?? '-' };
  if (waiting.type === 'restore-all') return { from: waiting.plan === null ? '-' : `${waiting.plan.sums.ready} repositories@${waiting.plan.at}`, to: waiting.plan?.target ?? '-' };
  return { from: waiting.plan === null ? '-' : `${waiting.plan.repository}@${waiting.plan.point.asked}`, to: waiting.plan?.target ?? '-' };
}

function waitingText(waiting: readonly Waiting[], { style }: Session): string {
  if (waiting.length === 0) return 'nothing waits for approval\n';
  return table(waiting, [
    { title: 'ID', value: idOf },
    { title: 'FROM', value: (each) => safeLine(placesOf(each).from) },
    { title: 'TO', value: (each) => safeLine(placesOf(each).to) },
    { title: 'BY', value: ({ requestedBy }) => safeLine(requestedBy ?? '-') },
    { title: 'UNTIL (UTC)', value: ({ expires }) => instant(expires) },
    { title: 'HASH', value: ({ planHash }) => planHash ?? '-' },
  ], style.dim);
}
