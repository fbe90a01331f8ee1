// `query`, `receipts`, `jobs`, `audit`, `reindex`: what was done, questions to the index, and making it anew.
import { Option, type Command } from 'commander';
import { AuditEvent } from '../../../contract/events.ts';
import type { FailureReport } from '../../../contract/failures.ts';
import type { RestoreReceipt } from '../../../contract/restore.ts';
import type { RestoreAllReceipt } from '../../../contract/restore-all.ts';
import { count, instant, many, safe, safeLine, shortId, table, type Column } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import type { Act } from '../program.ts';
import { receiptText } from '../receipt-text.ts';
import { receiptOfManyText } from '../many-text.ts';
import { wholeNumber } from '../numbers.ts';
import type { Session } from '../session.ts';

interface Job {
  workflowId: string;
  state: string;
  started: string;
  ended: string | null;
  failure?: FailureReport;
}

type Value = string | number | null;

interface QueryResult {
  columns: string[];
  rows: Value[][];
  truncated: boolean;
  ms: number;
}

export function addQueryCommands(program: Command, act: Act): void {
  program
    .command('query')
    .description('ask the index in SQL: one statement that reads')
    .argument('<sql>', 'SELECT, WITH, VALUES or EXPLAIN; docs/schema.md describes the tables')
    .option('--csv', 'rows as CSV')
    .option('--limit <rows>', 'most rows', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo query "SELECT repo_name, count(*) FROM commits GROUP BY 1"', 'pivo query --csv "SELECT * FROM visits" > visits.csv', 'pivo query "SELECT status, count(*) FROM state.pipelines GROUP BY 1"'))
    .action(act(async (session, sql: string, { csv, limit }: { csv?: boolean; limit?: number }) => {
      const result = await session.call<QueryResult>('query', { sql, ...(limit === undefined ? {} : { limit }) });
      if (csv === true && !session.json) await session.print(csvText(result));
      else await session.answer(result, () => rowsText(result, session));
      if (result.truncated && !session.json) session.note(`only the first ${many(result.rows.length, 'row')} shown; see --limit\n`);
    }));
  program
    .command('receipts')
    .description('the restores and how each ended, or the receipt of one')
    .argument('[id]', 'a restore, as the list names it')
    .option('--repo <repo>', 'only restores of this repository')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo receipts', 'pivo receipts execa-20261121-104622-1f3a'))
    .action(act(async (session, id: string | undefined, { repo }: { repo?: string }) => {
      if (id !== undefined) return session.answer(await session.call<RestoreReceipt | RestoreAllReceipt>('receipt', { restoreId: id }), (receipt) => ('receipts' in receipt ? receiptOfManyText(receipt, session.style) : receiptText(receipt, session.style)));
      const { restores } = await session.call<{ restores: Record<string, Value>[] }>('receipts', repo === undefined ? {} : { repository: repo });
      return session.answer(restores, () => restoresText(restores, session));
    }));
  program
    .command('jobs')
    .description('what runs and what ran last: backups, restores, verifications, fleets and so on; or one of them')
    .argument('[id]', 'a run, as the list names it')
    .option('--limit <jobs>', 'most jobs (default: 20)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo jobs', 'pivo jobs ingest:execa --json'))
    .action(act(async (session, id: string | undefined, { limit }: { limit?: number }) => {
      const jobs = await session.call<Job[]>('jobs', { ...(id === undefined ? {} : { id }), ...(limit === undefined ? {} : { limit }) });
      await session.answer(jobs, () => jobsText(jobs, session));
    }));
  program
    .command('audit')
    .description('what was done, refused or failed, and by whom; newest first')
    .option('--repo <repo>', 'only records of this repository')
    .addOption(new Option('--action <action>', 'only records of this act').choices(AuditEvent.shape.action.options))
    .option('--limit <records>', 'most records (default: 100)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo audit --repo execa', 'pivo audit --action restore --json'))
    .action(act(async (session, { repo, action, limit }: { repo?: string; action?: string; limit?: number }) => {
      const input = { ...(repo === undefined ? {} : { repository: repo }), ...(action === undefined ? {} : { action }), ...(limit === undefined ? {} : { limit }) };
      const { records } = await session.call<{ records: Record<string, Value>[] }>('audit', input);
      await session.answer(records, () => recordsText(records, session));
    }));
  program
    .command('reindex')
    .description('build the index anew; questions are answered by the old one meanwhile')
    .option('--from <source>', 'log (the event log; kafka where it is Kafka) or archive', 'log')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo reindex', 'pivo reindex --from archive'))
    .action(act(async (session, { from }: { from: string }) => {
      const result = await session.call<{ from: string; digest: string; rows: Record<string, number> }>('reindex', { from });
      await session.answer(result, ({ digest, rows }) => `${session.style.green('✓')} the index was built anew from the ${from}\n  Digest  ${digest}\n${Object.entries(rows).map(([name, number]) => `  ${count(number).padStart(10)}  ${name}\n`).join('')}`);
    }));
}

function rowsText({ columns, rows }: QueryResult, { style }: Session): string {
  if (rows.length === 0) return 'no rows\n';
  const numeric = columns.map((_, i) => rows.every((row) => row[i] === null || typeof row[i] === 'number'));
  return table(rows, columns.map((title, i): Column<Value[]> => ({ title: safeLine(title), value: (row) => cellText(row[i] ?? null), align: numeric[i] === true ? 'right' : 'left' })), style.dim);
}

const WIDEST_CELL = 100;

function cellText(value: Value): string {
  const text = value === null ? '' : safeLine(String(value));
  return text.length > WIDEST_CELL ? `${text.slice(0, WIDEST_CELL - 1)}…` : text;
}

/** RFC 4180, with LF. */
function csvText({ columns, rows }: QueryResult): string {
  const cell = (value: Value): string => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

const textOf = (row: Record<string, Value>, name: string): string => safeLine(String(row[name] ?? '-'));

function restoresText(restores: readonly Record<string, Value>[], { style }: Session): string {
  if (restores.length === 0) return 'no restores\n';
  return table(restores, [
    { title: 'TIME (UTC)', value: (row) => instant(row['time']) },
    { title: 'RESTORE', value: (row) => textOf(row, 'restore_id') },
    { title: 'OUTCOME', value: (row) => outcomeText(textOf(row, 'outcome'), style) },
    { title: 'POINT', value: (row) => `${textOf(row, 'repo_name')}@${shortId(textOf(row, 'point'))}` },
    { title: 'TARGET', value: (row) => textOf(row, 'target') },
    { title: '', value: (row) => safe(String(row['message'] ?? '')).split('\n')[0] ?? '' },
  ], style.dim);
}

function jobsText(jobs: readonly Job[], { style }: Session): string {
  if (jobs.length === 0) return 'no jobs\n';
  return table(jobs, [
    { title: 'JOB', value: ({ workflowId }) => safeLine(workflowId) },
    { title: 'STATE', value: ({ state }) => (state === 'completed' ? style.green(state) : state === 'failed' ? style.red(state) : style.yellow(state)) },
    { title: 'STARTED (UTC)', value: ({ started }) => instant(started) },
    { title: 'ENDED (UTC)', value: ({ ended }) => instant(ended) },
    { title: '', value: ({ failure }) => safeLine(failure?.message ?? '') },
  ], style.dim);
}

function recordsText(records: readonly Record<string, Value>[], { style }: Session): string {
  if (records.length === 0) return 'no records\n';
  return table(records, [
    { title: 'TIME (UTC)', value: (row) => instant(row['time']) },
    { title: 'ACTION', value: (row) => textOf(row, 'action') },
    { title: 'OUTCOME', value: (row) => outcomeText(textOf(row, 'outcome'), style) },
    { title: 'REPOSITORY', value: (row) => textOf(row, 'repo_name') },
    { title: 'BY', value: (row) => textOf(row, 'actor') },
    { title: 'RUN', value: (row) => textOf(row, 'workflow_id') },
  ], style.dim);
}

const outcomeText = (outcome: string, style: Session['style']): string => (outcome === 'done' ? style.green(outcome) : outcome === 'failed' || outcome === 'refused' ? style.red(outcome) : style.yellow(outcome));
