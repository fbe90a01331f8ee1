// Reads an application from a history server or a driver into a recording.
import { PivoError } from '../contract/failures.ts';
import { Application, Environment, Executors, Jobs, Queries, Stages, Tasks, askOf, type Ask, type StageData, type TaskData } from './history-api.ts';
import { joinsOfQuery } from './history-plan.ts';
import type { Reading } from './event-log.ts';
import { Recording } from './recording.ts';
import type { TaskFacts } from './stage.ts';

/** Tasks of one answer. */
const PAGE = 2_000;
/** Tasks that are asked for in all, of the longest stages first: beyond that the event log is the better source. */
const MOST_TASKS = 300_000;
const MOST_QUERIES = 500;

/** Fails with Ambiguous where the server has several applications and none is named, with NotFound and with Unavailable. */
export async function readHistory(server: string, application: string | undefined, { signal, onEvents }: Reading): Promise<Recording> {
  const ask = askOf(server, signal);
  const found = application === undefined ? await onlyOne(ask) : await ask(`/applications/${encodeURIComponent(application)}`, Application);
  const [attempt] = found.attempts;
  const at = `/applications/${encodeURIComponent(found.id)}${attempt?.attemptId === undefined ? '' : `/${encodeURIComponent(attempt.attemptId)}`}`;
  const recording = new Recording();
  Object.assign(recording, { id: found.id, name: found.name, spark: attempt?.appSparkVersion ?? '', started: attempt?.startTimeEpoch || null, ended: attempt?.completed === true ? attempt.endTimeEpoch : null });
  recording.properties = Object.fromEntries((await ask(`${at}/environment`, Environment)).sparkProperties);
  await readExecutors(ask, at, recording);
  const stages = await ask(`${at}/stages`, Stages);
  await readTasks(ask, at, stages.filter(({ status }) => status !== 'SKIPPED' && status !== 'PENDING'), recording, onEvents);
  await readQueries(ask, at, recording);
  if (recording.ended === null) recording.notes.add('The application runs still. Tasks that run are not counted.');
  return recording;
}

async function onlyOne(ask: Ask): Promise<Application> {
  const all = await ask('/applications', Application.array(), { limit: 20 });
  const [only, ...others] = all;
  if (only === undefined) throw new PivoError('NotFound', 'the history server has no application', { hint: 'It shows logs some seconds after they were written.' });
  if (others.length > 0) throw new PivoError('Ambiguous', 'the history server has several applications', { hint: `Name one with --application, such as ${all.slice(0, 5).map(({ id }) => id).join(', ')}.`, facts: { applications: all.map(({ id, name }) => `${id} ${name}`) } });
  return only;
}

/** A driver that runs no tasks has no cores. */
async function readExecutors(ask: Ask, at: string, recording: Recording): Promise<void> {
  for (const { id, totalCores, addTime, removeTime, peakMemoryMetrics } of await ask(`${at}/allexecutors`, Executors)) {
    if (totalCores === 0 && id === 'driver') continue;
    recording.executorAdded(id, totalCores, addTime ?? recording.begin);
    if (removeTime != null) recording.executorRemoved(id, removeTime);
    recording.totals.peakHeap = Math.max(recording.totals.peakHeap, peakMemoryMetrics?.JVMHeapMemory ?? 0);
  }
}

async function readTasks(ask: Ask, at: string, stages: readonly StageData[], recording: Recording, onEvents: Reading['onEvents']): Promise<void> {
  const took = ({ submissionTime, completionTime }: StageData): number => (completionTime ?? Number.POSITIVE_INFINITY) - (submissionTime ?? 0);
  let tasks = 0;
  for (const data of stages.toSorted((one, other) => took(other) - took(one))) {
    takeStage(data, recording);
    if (tasks + data.numTasks > MOST_TASKS) {
      recording.notes.add(`Only ${tasks} tasks of the longest stages were asked for; the event log has all.`);
      continue;
    }
    for (let offset = 0; ; offset += PAGE) {
      const page = await ask(`${at}/stages/${data.stageId}/${data.attemptId}/taskList`, Tasks, { offset, length: PAGE, sortBy: 'ID' });
      for (const task of page) takeTask(task, data, recording);
      onEvents?.((tasks += page.length));
      if (page.length < PAGE) break;
    }
  }
}

function takeStage({ stageId, attemptId, name, numTasks, submissionTime, completionTime, failureReason }: StageData, recording: Recording): void {
  const stage = recording.stage(stageId, attemptId);
  Object.assign(stage, { name: name.slice(0, 200), planned: numTasks, begun: submissionTime ?? null, ended: completionTime ?? null, failure: failureReason?.slice(0, 500) ?? null });
  recording.saw(submissionTime ?? 0);
  recording.saw(completionTime ?? 0);
}

const OUTCOMES: Readonly<Record<string, TaskFacts['outcome']>> = { SUCCESS: 'success', FAILED: 'failed', KILLED: 'killed' };

/** A task that runs still is passed over. */
function takeTask({ launchTime, duration, executorId, status, errorMessage, gettingResultTime, taskMetrics: metrics }: TaskData, { stageId, attemptId }: StageData, recording: Recording): void {
  const outcome = OUTCOMES[status];
  if (outcome === undefined || launchTime == null) return;
  recording.took({
    stage: stageId, attempt: attemptId, executor: executorId, launch: launchTime, finish: launchTime + duration, outcome,
    reason: outcome === 'failed' ? (/^[\w.$]{1,100}/.exec(errorMessage ?? '')?.[0] ?? null) : null,
    run: metrics.executorRunTime,
    cpu: metrics.executorCpuTime / 1e6,
    gc: metrics.jvmGcTime,
    deserialize: metrics.executorDeserializeTime,
    resultSerialize: metrics.resultSerializationTime,
    gettingResult: gettingResultTime,
    fetchWait: metrics.shuffleReadMetrics.fetchWaitTime,
    shuffleWriteTime: metrics.shuffleWriteMetrics.writeTime / 1e6,
    input: metrics.inputMetrics.bytesRead,
    output: metrics.outputMetrics.bytesWritten,
    shuffleRead: metrics.shuffleReadMetrics.remoteBytesRead + metrics.shuffleReadMetrics.localBytesRead,
    shuffleWrite: metrics.shuffleWriteMetrics.bytesWritten,
    memorySpilled: metrics.memoryBytesSpilled,
    diskSpilled: metrics.diskBytesSpilled,
    peakExecution: metrics.peakExecutionMemory,
    heap: 0,
  });
}

async function readQueries(ask: Ask, at: string, recording: Recording): Promise<void> {
  const queries = await ask(`${at}/sql`, Queries, { details: true, planDescription: true, length: MOST_QUERIES });
  if (queries.length === 0) return;
  const stagesOf = new Map((await ask(`${at}/jobs`, Jobs)).map(({ jobId, stageIds }) => [jobId, stageIds]));
  for (const query of queries) {
    const joins = joinsOfQuery(query);
    const stages = new Set(query.successJobIds.flatMap((job) => stagesOf.get(job) ?? []));
    const reading = recording.stages.filter(({ id, sums }) => stages.has(id) && sums.shuffleRead > 0).toSorted((one, other) => other.sums.shuffleRead - one.sums.shuffleRead);
    recording.planned(String(query.id), joins.map((join) => ({ ...join, stage: reading[0]?.link ?? null })));
  }
}
