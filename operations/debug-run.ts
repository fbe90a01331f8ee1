// What Temporal and the index say of one of PIVO's runs, as evidence; and which run a question means.
import type { Client } from '@temporalio/client';
import type { EvidenceLine } from '../contract/diagnosis.ts';
import { isPivoError, reportIn, type FailureReport } from '../contract/failures.ts';
import { WORKFLOW } from '../contract/names.ts';
import type { FurtherEvidence } from '../diagnosis/answer.ts';
import { causeOfKind } from '../diagnosis/causes/index.ts';
import type { Between } from '../diagnosis/proofs.ts';
import { subjectOf, wordsOf } from '../diagnosis/subject.ts';
import type { OperationContext } from './operation.ts';
import { readerOf } from './query.ts';
import { rowsOf, sqlText } from './rows.ts';

/** The words of a question that mean a run of PIVO. */
const RUN_WORDS: Readonly<Record<string, RegExp>> = {
  [WORKFLOW.restore]: /\brestor(?:e|es|ed|ing|ation)\b/i,
  [WORKFLOW.ingest]: /\b(?:back(?:ed)? ?-?ups?|ingests?|ingested)\b/i,
  [WORKFLOW.verify]: /\b(?:verif(?:y|ied|ication)|scrub)\b/i,
  [WORKFLOW.drill]: /\bdrills?\b/i,
  [WORKFLOW.repair]: /\brepairs?\b/i,
};
const ANY_RUN_WORD = new RegExp(Object.values(RUN_WORDS).map(({ source }) => source).join('|'), 'gi');

const NO_EVIDENCE: FurtherEvidence = { lines: [], cause: null, missing: [] };
/** Failed runs that are looked at. */
const MOST_RUNS = 200;
/** Events of a history that are shown, the last ones. */
const MOST_EVENTS = 3;

/** The workflow id of the failed run that a question means: the latest of its type that it names, or the latest where it names none; null where it means no run of PIVO's. */
export async function runAskedFor(context: OperationContext, question: string, between: Between): Promise<string | null> {
  const types = Object.entries(RUN_WORDS).flatMap(([type, words]) => (words.test(question) ? [type] : []));
  const client = types.length === 0 ? null : await clientOf(context);
  if (client === null) return null;
  const named = namesIn(question);
  let seen = 0;
  for await (const { workflowId } of client.workflow.list({ query: visibility(types, between) })) {
    if (named.size === 0 || repositoryOf(workflowId).some((name) => named.has(name))) return workflowId;
    seen += 1;
    if (seen === MOST_RUNS) break;
  }
  return null;
}

/** What a question may call a repository: its names written as one, and its words outside of them. */
function namesIn(question: string): Set<string> {
  const all = subjectOf(question.replaceAll(ANY_RUN_WORD, ' ')).map(({ words }) => words);
  const inNames = new Set(all.filter((words) => words.includes(' ')).flatMap((words) => words.split(' ')));
  return new Set(all.filter((words) => !inNames.has(words)));
}

/** The repository of a run in the same form; `restore:execa-4f2a9c01b3` and `restore:execa-20261121-104622-1f3a` are of execa. */
function repositoryOf(workflowId: string): string[] {
  const id = workflowId.split(':').slice(1).join(':');
  return [id, id.replace(/(?:-\d{8}-\d{6})?-[0-9a-f]{4,}$/, '')].map((name) => wordsOf(name).join(' '));
}

function visibility(types: readonly string[], { from, to }: Between): string {
  const edges = [...(from === null ? [] : [`CloseTime >= '${new Date(from).toISOString()}'`]), ...(to === null ? [] : [`CloseTime < '${new Date(to).toISOString()}'`])];
  return [`WorkflowType IN (${types.map((type) => `'${type}'`).join(', ')})`, "ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')", ...edges].join(' AND ');
}

/** The client; null where Temporal does not answer: the logs are asked all the same. */
async function clientOf(context: OperationContext): Promise<Client | null> {
  try {
    return await context.temporal();
  } catch (error) {
    if (isPivoError(error, 'Unavailable')) return null;
    throw error;
  }
}

/** What history and index say of a run. What cannot be asked is told as missing. */
export async function evidenceOfRun(context: OperationContext, run: string | null): Promise<FurtherEvidence> {
  if (run === null) return NO_EVIDENCE;
  const client = await clientOf(context);
  const silent = { ...NO_EVIDENCE, missing: ['The run’s history: Temporal does not answer. Start PIVO with `pivo up`, then ask again.'] };
  const [history, audit] = await Promise.all([client === null ? silent : historyOf(client, run), auditOf(context, run)]);
  return { ...history, lines: [...history.lines, ...audit] };
}

async function historyOf(client: Client, run: string): Promise<FurtherEvidence> {
  const handle = client.workflow.getHandle(run);
  const described = await handle.describe().catch(() => null);
  if (described === null) return { ...NO_EVIDENCE, missing: [`Temporal knows no run ${run}: its history may be past its retention, or it is another system's.`] };
  const report = described.closeTime === undefined ? null : await handle.result().then(() => null, failureOf);
  const cause = report === null ? null : causeOfKind(report.kind);
  const { events } = await handle.fetchHistory();
  const lines = (events ?? []).flatMap((event) => lineOf(event, run, report, cause?.id ?? null));
  return { lines: lines.toReversed().slice(0, MOST_EVENTS), cause: lines.some((line) => line.cause !== null) ? cause : null, missing: [] };
}

const failureOf = (error: unknown): FailureReport => reportIn(error) ?? { kind: 'Internal', message: (error as Error).message };

type HistoryEvent = NonNullable<Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>['events']>[number];

function lineOf(event: HistoryEvent, run: string, report: FailureReport | null, cause: string | null): EvidenceLine[] {
  const told = toldBy(event);
  if (told === null) return [];
  const isEnd = told.ends && report !== null;
  const seconds = event.eventTime?.seconds;
  const time = seconds == null ? null : new Date(Number(seconds) * 1_000).toISOString();
  return [{ link: `temporal:${run}:${String(event.eventId)}`, from: 'the run’s history', time, text: isEnd ? `${report.kind}: ${report.message}` : told.text, why: told.why, cause: isEnd ? cause : null }];
}

interface Told {
  text: string;
  why: string;
  /** With this the run ended. */
  ends: boolean;
}

/** What an event says of a failure; null where it says nothing. */
function toldBy(event: HistoryEvent): Told | null {
  const { workflowExecutionFailedEventAttributes: failed, workflowExecutionTimedOutEventAttributes: late, workflowExecutionTerminatedEventAttributes: ended, workflowTaskFailedEventAttributes: task } = event;
  if (failed) return { text: failed.failure?.message ?? 'the run failed', why: 'With this the run ended.', ends: true };
  if (late) return { text: 'the run timed out', why: 'With this the run ended.', ends: true };
  if (ended) return { text: `terminated: ${ended.reason ?? ''}`, why: 'Somebody ended the run.', ends: false };
  if (task) return { text: task.failure?.message ?? 'a workflow task failed', why: 'The workflow’s own code failed.', ends: false };
  return toldByStep(event);
}

function toldByStep({ activityTaskFailedEventAttributes: failed, activityTaskTimedOutEventAttributes: late, activityTaskStartedEventAttributes: started }: HistoryEvent): Told | null {
  if (failed) return { text: failed.failure?.message ?? 'a step failed', why: 'A step failed, after all its attempts.', ends: false };
  if (late) return { text: late.failure?.message ?? 'a step timed out', why: 'A step timed out.', ends: false };
  if ((started?.attempt ?? 1) > 1) return { text: `attempt ${String(started?.attempt)}; the one before: ${started?.lastFailure?.message ?? 'failed'}`, why: 'A step was tried again.', ends: false };
  return null;
}

/** What the audit log has of the run; nothing where there is no index. */
async function auditOf({ paths }: OperationContext, run: string): Promise<EvidenceLine[]> {
  const sql = `SELECT id, time, action, outcome, repo_name, details FROM audit WHERE workflow_id = ${sqlText(run)} AND outcome <> 'done' ORDER BY time DESC LIMIT 2`;
  const rows = await readerOf(paths.index).query(sql, { rows: 2 }).then(rowsOf, (error: unknown) => {
    if (isPivoError(error)) return [];
    throw error;
  });
  return rows.map(({ id, time, action, outcome, repo_name: repository, details }) => ({ link: `index:audit:${String(id)}`, from: 'the index', time: String(time), text: `${String(action)} of ${String(repository)}: ${String(outcome)} ${String(details)}`.slice(0, 600), why: 'What the audit log has.', cause: null }));
}
