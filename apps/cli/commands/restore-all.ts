// `restore` and `plan` of many repositories: with `--all`, `--source` or `--only`.
import type { Command } from 'commander';
import { PivoError, type FailureReport } from '../../../contract/failures.ts';
import type { RestoreAllPlan, RestoreAllReceipt, RestoreAllStatus } from '../../../contract/restore-all.ts';
import { ask, canAsk } from '../ask.ts';
import { exitCodeOf } from '../failure.ts';
import { safeLine } from '../format.ts';
import { placeOf } from '../place.ts';
import { planOfManyText, receiptOfManyText, statusOfManyText } from '../many-text.ts';
import type { Session } from '../session.ts';
import { spanSeconds } from '../span.ts';

/** Some repositories failed, the others are as they should be. */
const SOME_FAILED = 11;

/** What says that many are meant. */
export interface ManyOptions {
  to: string;
  all?: boolean;
  source?: string;
  only?: string[];
  at?: string;
  refs?: string[];
  credential?: string;
  lfs?: string;
  engine?: string;
  yes?: boolean;
  expires?: string;
  atOnce?: number;
}

export const withMany = (command: Command): Command =>
  command
    .option('--all', 'every repository of the archive; --to is then a folder, or the URL of an owner on a forge')
    .option('--source <name>', 'every repository of a source (pivo source list)')
    .option('--only <pattern>', 'with --all or --source: only names like this, such as "acme.*"; may be given several times', (pattern: string, before: string[] | undefined) => [...(before ?? []), pattern])
    .option('--at <instant>', 'with --all or --source: as of this instant (default: latest)');

/** Whether many are meant. Fails with InvalidInput when one and many are asked for, or neither. */
export function meansMany(spec: string | undefined, options: ManyOptions): boolean {
  const many = options.all === true || options.source !== undefined;
  if (many && spec !== undefined) throw new PivoError('InvalidInput', `${spec} and ${options.all === true ? '--all' : '--source'} exclude each other`, { hint: `For some of them: --only ${JSON.stringify(spec)}` });
  if (many && options.refs !== undefined) throw new PivoError('InvalidInput', 'of many repositories all refs are restored', { hint: 'Leave --refs out, or restore one repository.' });
  if (!many && (options.only !== undefined || options.at !== undefined || options.atOnce !== undefined)) throw new PivoError('InvalidInput', '--only, --at and --at-once go with --all or --source', { hint: 'Of one repository the point stands behind its name: REPO@INSTANT.' });
  if (!many && spec === undefined) throw new PivoError('InvalidInput', 'which repository?', { hint: 'Name one (`pivo repos` lists them), or give --all.' });
  return many;
}

const choiceOf = ({ to, source, only, at, credential, lfs, engine }: ManyOptions): object => ({
  target: placeOf(to, process.cwd()),
  ...Object.fromEntries(Object.entries({ source, only, at, credential, lfs, engine }).filter(([, value]) => value !== undefined)),
});

export async function restoreMany(session: Session, options: ManyOptions): Promise<number> {
  const input = { ...choiceOf(options), ...(options.expires === undefined ? {} : { expiresAfter: spanSeconds(options.expires) }), ...(options.atOnce === undefined ? {} : { atOnce: options.atOnce }) };
  session.progress.begin('planning');
  if (options.yes === true) return printReceiptOfMany(session, await session.call<RestoreAllReceipt>('restore-all', { ...input, yes: true }));
  const status = await session.call<RestoreAllStatus>('restore-all', { ...input, wait: false });
  if (canAsk(session) && status.planHash !== null && status.plan !== null) return decideMany(session, status, status.planHash);
  await session.answer(status, () => `${statusOfManyText(status, session.style)}It waits for approval: pivo approve ${status.restoreId} ${status.planHash ?? ''}\n`);
  return 0;
}

/** 11 when a repository did not come back. */
export async function printReceiptOfMany(session: Session, receipt: RestoreAllReceipt): Promise<number> {
  await session.answer(receipt, () => receiptOfManyText(receipt, session.style));
  return receipt.outcome === 'done' ? 0 : SOME_FAILED;
}

/** Shows the plan and does what the person says. A rejected plan gives the exit code of PlanRejected. */
export async function decideMany(session: Session, status: RestoreAllStatus, planHash: string): Promise<number> {
  session.note(statusOfManyText(status, session.style));
  if (await ask(session, `Restore ${status.plan?.sums.ready ?? 0} repositories?`)) return printReceiptOfMany(session, await session.call<RestoreAllReceipt>('approve', { restore: status.restoreId, planHash, wait: true }));
  await session.call('reject', { restore: status.restoreId, planHash, reason: 'declined at the terminal' });
  throw new PivoError('PlanRejected', 'the plan was not carried out; nothing was changed');
}

interface PlanAllAnswer {
  planHash: string;
  blocked: FailureReport | null;
  plan: RestoreAllPlan;
}

/** A plan by which nothing would be restored gives the exit code of its reason; one that leaves some out 11. */
export async function planMany(session: Session, options: ManyOptions): Promise<number> {
  session.progress.begin('planning');
  const { style } = session;
  const answer = await session.call<PlanAllAnswer>('plan-all', choiceOf(options));
  const { blocked } = answer;
  await session.answer(answer, () => `${style.bold('Plan')} ${style.dim(answer.planHash)}\n${planOfManyText(answer.plan, style)}${blocked === null ? '' : `${style.red('It cannot be carried out:')} ${safeLine(blocked.message)}\n`}`);
  if (blocked !== null) return exitCodeOf(blocked);
  return answer.plan.sums.refused === 0 ? 0 : SOME_FAILED;
}
