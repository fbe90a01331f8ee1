// Takes the events of a Spark event log, one JSON line each, into a recording. Source of the format: Spark's JsonProtocol.scala.
import { z } from 'zod';
import { joinsOf, type PlanNode } from './plan.ts';
import type { Recording } from './recording.ts';
import type { TaskFacts } from './stage.ts';

type Json = Readonly<Record<string, unknown>>;

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
/** Not negative and finite; anything else is 0. */
const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0);
const timeOf = (value: unknown): number | null => (numberOf(value) > 0 ? numberOf(value) : null);
const idOf = (value: unknown): number => (Number.isSafeInteger(value) ? (value as number) : -1);

const SQL = 'org.apache.spark.sql.execution.ui.';

const TAKERS: Readonly<Record<string, (event: Json, recording: Recording) => void>> = {
  SparkListenerLogStart: (event, recording) => {
    recording.spark = textOf(event['Spark Version']).slice(0, 50);
  },
  SparkListenerEnvironmentUpdate: (event, recording) => {
    recording.properties = z.record(z.string(), z.string()).catch({}).parse(objectOf(event['Spark Properties']));
  },
  SparkListenerApplicationStart: (event, recording) => {
    recording.id = textOf(event['App ID']).slice(0, 200);
    recording.name = textOf(event['App Name']).slice(0, 200);
    recording.started = timeOf(event['Timestamp']);
    recording.saw(numberOf(event['Timestamp']));
  },
  SparkListenerApplicationEnd: (event, recording) => {
    recording.ended = timeOf(event['Timestamp']);
  },
  SparkListenerExecutorAdded: (event, recording) => recording.executorAdded(textOf(event['Executor ID']), numberOf(objectOf(event['Executor Info'])['Total Cores']), numberOf(event['Timestamp'])),
  SparkListenerExecutorRemoved: (event, recording) => recording.executorRemoved(textOf(event['Executor ID']), numberOf(event['Timestamp'])),
  SparkListenerStageSubmitted: takeStage,
  SparkListenerStageCompleted: takeStage,
  SparkListenerStageExecutorMetrics: (event, recording) => {
    if (event['Executor ID'] !== 'driver') recording.totals.peakHeap = Math.max(recording.totals.peakHeap, numberOf(objectOf(event['Executor Metrics'])['JVMHeapMemory']));
  },
  SparkListenerTaskEnd: (event, recording) => {
    const task = taskOf(event);
    if (task !== null) recording.took(task);
  },
  [`${SQL}SparkListenerSQLExecutionStart`]: takePlan,
  [`${SQL}SparkListenerSQLAdaptiveExecutionUpdate`]: takePlan,
  [`${SQL}SparkListenerDriverAccumUpdates`]: (event, recording) => {
    for (const update of listOf(event['accumUpdates'])) {
      const [id, value] = listOf(update);
      recording.metric(idOf(id), numberOf(value));
    }
  },
};

/** `{"Event":"…"`: Spark writes the name first. */
const NAME = /^\{"Event":"([\w.$]{1,200})"/;

/**
 * Takes one line. False where it is no event: not JSON, or cut. Events of no interest, which are most, are not parsed.
 */
export function takeLine(line: string, recording: Recording): boolean {
  const name = NAME.exec(line)?.[1];
  const take = name !== undefined && Object.hasOwn(TAKERS, name) ? TAKERS[name] : undefined;
  if (take === undefined) return name !== undefined && line.endsWith('}');
  const event = parsed(name === 'SparkListenerTaskEnd' ? withoutAccumulables(line) : line) ?? parsed(line);
  if (event === null) return false;
  take(event, recording);
  return true;
}

function parsed(line: string): Json | null {
  try {
    return objectOf(JSON.parse(line));
  } catch {
    return null;
  }
}

/**
 * Most of a task's line is its accumulables, which say again what its metrics say. The quoted names that are looked for
 * cannot stand within a JSON string, where their quotes would be escaped.
 */
function withoutAccumulables(line: string): string {
  const from = line.indexOf('"Accumulables":[');
  if (from < 0) return line;
  const executor = line.indexOf(']},"Task Executor Metrics":', from);
  const to = executor >= 0 ? executor : line.indexOf(']},"Task Metrics":', from);
  return to < 0 ? line : `${line.slice(0, from)}"Accumulables":[${line.slice(to)}`;
}

function taskOf(event: Json): TaskFacts | null {
  const [info, metrics, reason] = [objectOf(event['Task Info']), objectOf(event['Task Metrics']), objectOf(event['Task End Reason'])];
  const [launch, finish] = [numberOf(info['Launch Time']), numberOf(info['Finish Time'])];
  const [stage, attempt] = [idOf(event['Stage ID']), idOf(event['Stage Attempt ID'])];
  if (stage < 0 || attempt < 0 || launch === 0 || finish === 0) return null;
  const read = objectOf(metrics['Shuffle Read Metrics']);
  const write = objectOf(metrics['Shuffle Write Metrics']);
  const getting = numberOf(info['Getting Result Time']);
  return {
    stage, attempt, launch, finish,
    executor: textOf(info['Executor ID']),
    outcome: info['Killed'] === true ? 'killed' : info['Failed'] === true ? 'failed' : 'success',
    reason: textOf(reason['Class Name']) || textOf(reason['Reason']) || null,
    run: numberOf(metrics['Executor Run Time']),
    cpu: numberOf(metrics['Executor CPU Time']) / 1e6,
    gc: numberOf(metrics['JVM GC Time']),
    deserialize: numberOf(metrics['Executor Deserialize Time']),
    resultSerialize: numberOf(metrics['Result Serialization Time']),
    gettingResult: getting === 0 ? 0 : Math.max(0, finish - getting),
    fetchWait: numberOf(read['Fetch Wait Time']),
    shuffleWriteTime: numberOf(write['Shuffle Write Time']) / 1e6,
    input: numberOf(objectOf(metrics['Input Metrics'])['Bytes Read']),
    output: numberOf(objectOf(metrics['Output Metrics'])['Bytes Written']),
    shuffleRead: numberOf(read['Remote Bytes Read']) + numberOf(read['Local Bytes Read']),
    shuffleWrite: numberOf(write['Shuffle Bytes Written']),
    memorySpilled: numberOf(metrics['Memory Bytes Spilled']),
    diskSpilled: numberOf(metrics['Disk Bytes Spilled']),
    peakExecution: numberOf(metrics['Peak Execution Memory']),
    heap: numberOf(objectOf(event['Task Executor Metrics'])['JVMHeapMemory']),
  };
}

function takeStage(event: Json, recording: Recording): void {
  const info = objectOf(event['Stage Info']);
  const [id, attempt] = [idOf(info['Stage ID']), idOf(info['Stage Attempt ID'])];
  if (id < 0 || attempt < 0) return;
  const stage = recording.stage(id, attempt);
  stage.name = textOf(info['Stage Name']).slice(0, 200);
  stage.planned = numberOf(info['Number of Tasks']);
  stage.begun = timeOf(info['Submission Time']) ?? stage.begun;
  stage.ended = timeOf(info['Completion Time']) ?? stage.ended;
  stage.failure = textOf(info['Failure Reason']).slice(0, 500) || null;
  recording.saw(stage.begun ?? 0);
  recording.saw(stage.ended ?? 0);
  takeMetrics(listOf(info['Accumulables']), stage.link, recording);
}

function takeMetrics(accumulables: readonly unknown[], stage: string, recording: Recording): void {
  const joins = Map.groupBy(recording.joins.values(), ({ rows }) => rows);
  for (const each of accumulables) {
    const { ID, Name, Value } = objectOf(each);
    if (Name === 'data size') recording.metric(idOf(ID), numberOf(Number(Value)));
    for (const join of joins.get(idOf(ID)) ?? []) join.stage = stage;
  }
}

function takePlan(event: Json, recording: Recording): void {
  const { joins, complete } = joinsOf(String(idOf(event['executionId'])), nodeOf(event['sparkPlanInfo']));
  recording.planned(String(idOf(event['executionId'])), joins);
  if (!complete) recording.notes.add('A plan is larger than what is looked at; some of its joins may be missed.');
}

/** A node that reads its JSON when it is looked at, so that no depth of nesting takes stack. */
function nodeOf(value: unknown): PlanNode {
  const json = objectOf(value);
  return {
    name: textOf(json['nodeName']),
    text: textOf(json['simpleString']),
    get children() {
      return listOf(json['children']).map(nodeOf);
    },
    get metrics() {
      return listOf(json['metrics']).map((each) => ({ name: textOf(objectOf(each)['name']), id: idOf(objectOf(each)['accumulatorId']), bytes: null }));
    },
  };
}
