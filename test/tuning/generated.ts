// Event logs made to measure: an application with executors and stages whose tasks have exactly these figures.

export interface TaskLike {
  /** Milliseconds. */
  duration: number;
  run?: number;
  cpu?: number;
  gc?: number;
  fetchWait?: number;
  /** Bytes. */
  input?: number;
  shuffleRead?: number;
  shuffleWrite?: number;
  memorySpilled?: number;
  diskSpilled?: number;
  heap?: number;
  failed?: string;
  executor?: string;
}

export interface StageLike {
  /** Milliseconds after the application's start. */
  at: number;
  milliseconds: number;
  tasks: readonly TaskLike[];
  name?: string;
  accumulables?: readonly object[];
}

export interface ApplicationLike {
  milliseconds: number;
  /** Cores of each executor; all are there from the start. */
  executors?: readonly number[];
  properties?: Readonly<Record<string, string>>;
  stages?: readonly StageLike[];
  plans?: readonly object[];
}

const START = 1_700_000_000_000;

/** The events of one task. */
export function taskEnd(stage: number, launch: number, task: TaskLike): object {
  const { duration, run = duration, cpu = run, gc = 0, fetchWait = 0, input = 0, shuffleRead = 0, shuffleWrite = 0, memorySpilled = 0, diskSpilled = 0, heap = 0, failed, executor = '1' } = task;
  return {
    Event: 'SparkListenerTaskEnd', 'Stage ID': stage, 'Stage Attempt ID': 0, 'Task Type': 'ResultTask',
    'Task End Reason': failed === undefined ? { Reason: 'Success' } : { Reason: 'ExceptionFailure', 'Class Name': failed },
    'Task Info': { 'Task ID': 0, 'Launch Time': START + launch, 'Executor ID': executor, 'Getting Result Time': 0, 'Finish Time': START + launch + duration, Failed: failed !== undefined, Killed: false, Accumulables: [{ ID: 1, Name: 'internal "]},', Value: 1 }] },
    ...(heap === 0 ? {} : { 'Task Executor Metrics': { JVMHeapMemory: heap } }),
    'Task Metrics': {
      'Executor Deserialize Time': 0, 'Executor Run Time': run, 'Executor CPU Time': cpu * 1e6, 'Peak Execution Memory': 0, 'JVM GC Time': gc, 'Result Serialization Time': 0, 'Memory Bytes Spilled': memorySpilled, 'Disk Bytes Spilled': diskSpilled,
      'Shuffle Read Metrics': { 'Fetch Wait Time': fetchWait, 'Remote Bytes Read': shuffleRead, 'Local Bytes Read': 0 },
      'Shuffle Write Metrics': { 'Shuffle Bytes Written': shuffleWrite, 'Shuffle Write Time': 0 },
      'Input Metrics': { 'Bytes Read': input }, 'Output Metrics': { 'Bytes Written': 0 },
    },
  };
}

function stageEvents({ at, milliseconds, tasks, name = 'count at Job.scala:1', accumulables = [] }: StageLike, id: number): object[] {
  const info = { 'Stage ID': id, 'Stage Attempt ID': 0, 'Stage Name': name, 'Number of Tasks': tasks.length, 'Submission Time': START + at };
  return [
    { Event: 'SparkListenerStageSubmitted', 'Stage Info': info },
    ...tasks.map((task) => taskEnd(id, at, task)),
    { Event: 'SparkListenerStageCompleted', 'Stage Info': { ...info, 'Completion Time': START + at + milliseconds, Accumulables: accumulables } },
  ];
}

/** The lines of an event log. */
export function eventLog({ milliseconds, executors = [2, 2], properties = {}, stages = [], plans = [] }: ApplicationLike): string {
  const events = [
    { Event: 'SparkListenerLogStart', 'Spark Version': '3.5.9' },
    { Event: 'SparkListenerEnvironmentUpdate', 'Spark Properties': { 'spark.executor.memory': '8g', ...properties } },
    { Event: 'SparkListenerApplicationStart', 'App Name': 'made up', 'App ID': 'app-1', Timestamp: START },
    ...executors.map((cores, at) => ({ Event: 'SparkListenerExecutorAdded', Timestamp: START, 'Executor ID': String(at + 1), 'Executor Info': { Host: 'host', 'Total Cores': cores } })),
    ...plans.map((plan, executionId) => ({ Event: 'org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart', executionId, sparkPlanInfo: plan })),
    ...stages.flatMap(stageEvents),
    { Event: 'SparkListenerApplicationEnd', Timestamp: START + milliseconds },
  ];
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

/** So many equal tasks. */
export const equal = (count: number, task: TaskLike): TaskLike[] => Array.from({ length: count }, () => task);
