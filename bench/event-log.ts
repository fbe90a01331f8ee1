// An event log of any number of tasks, in gzip, with the lines that Spark writes for each.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const START = 1_700_000_000_000;
const TASKS_A_STAGE = 1_000;
const EXECUTORS = 20;
const CORES = 5;

const line = (event: object): string => `${JSON.stringify(event)}\n`;
const accumulable = (id: number, name: string, value: number): object => ({ ID: id, Name: `internal.metrics.${name}`, Update: value, Value: value, Internal: true, 'Count Failed Values': true });
const ACCUMULABLES = ['executorDeserializeTime', 'executorDeserializeCpuTime', 'executorRunTime', 'executorCpuTime', 'resultSize', 'jvmGCTime', 'resultSerializationTime', 'shuffle.read.localBytesRead', 'shuffle.read.recordsRead', 'shuffle.write.bytesWritten', 'shuffle.write.recordsWritten', 'shuffle.write.writeTime', 'input.bytesRead', 'input.recordsRead'];
const HEAP = ['JVMHeapMemory', 'JVMOffHeapMemory', 'OnHeapExecutionMemory', 'OffHeapExecutionMemory', 'OnHeapStorageMemory', 'OffHeapStorageMemory', 'OnHeapUnifiedMemory', 'OffHeapUnifiedMemory', 'DirectPoolMemory', 'MappedPoolMemory', 'MinorGCCount', 'MinorGCTime', 'MajorGCCount', 'MajorGCTime', 'TotalGCTime'];

/** Start and end of one task, as long as Spark 3.5 writes them. */
function taskLines(task: number): string {
  const stage = Math.floor(task / TASKS_A_STAGE);
  const duration = 200 + ((task * 7_919) % 1_700);
  const launch = START + stage * 12_000 + Math.floor((task % TASKS_A_STAGE) / (EXECUTORS * CORES)) * 1_000;
  const info = { 'Task ID': task, Index: task % TASKS_A_STAGE, Attempt: 0, 'Partition ID': task % TASKS_A_STAGE, 'Launch Time': launch, 'Executor ID': String(1 + (task % EXECUTORS)), Host: '10.0.0.1', Locality: 'PROCESS_LOCAL', Speculative: false, 'Getting Result Time': 0 };
  const of = { 'Stage ID': stage, 'Stage Attempt ID': 0 };
  const start = line({ Event: 'SparkListenerTaskStart', ...of, 'Task Info': { ...info, 'Finish Time': 0, Failed: false, Killed: false, Accumulables: [] } });
  return start + line({
    Event: 'SparkListenerTaskEnd', ...of, 'Task Type': 'ShuffleMapTask', 'Task End Reason': { Reason: 'Success' },
    'Task Info': { ...info, 'Finish Time': launch + duration, Failed: false, Killed: false, Accumulables: ACCUMULABLES.map((name, at) => accumulable(100 + at, name, duration * at)) },
    'Task Executor Metrics': Object.fromEntries(HEAP.map((name, at) => [name, 1_000_000 * at + task])),
    'Task Metrics': {
      'Executor Deserialize Time': 5, 'Executor Deserialize CPU Time': 4_000_000, 'Executor Run Time': duration - 10, 'Executor CPU Time': (duration - 50) * 1_000_000, 'Peak Execution Memory': 1_000_000, 'Result Size': 1_829, 'JVM GC Time': 3, 'Result Serialization Time': 0, 'Memory Bytes Spilled': 0, 'Disk Bytes Spilled': 0,
      'Shuffle Read Metrics': { 'Remote Blocks Fetched': 10, 'Local Blocks Fetched': 2, 'Fetch Wait Time': 1, 'Remote Bytes Read': 1_000_000 + task, 'Remote Bytes Read To Disk': 0, 'Local Bytes Read': 200_000, 'Total Records Read': 10_000, 'Remote Requests Duration': 4, 'Push Based Shuffle': { 'Corrupt Merged Block Chunks': 0, 'Merged Fetch Fallback Count': 0, 'Merged Remote Blocks Fetched': 0, 'Merged Local Blocks Fetched': 0 } },
      'Shuffle Write Metrics': { 'Shuffle Bytes Written': 900_000, 'Shuffle Write Time': 3_000_000, 'Shuffle Records Written': 9_000 },
      'Input Metrics': { 'Bytes Read': 0, 'Records Read': 0 }, 'Output Metrics': { 'Bytes Written': 0, 'Records Written': 0 },
    },
  });
}

function stageLine(stage: number, tasks: number, name: 'Submitted' | 'Completed'): string {
  const info = { 'Stage ID': stage, 'Stage Attempt ID': 0, 'Stage Name': 'count at Job.scala:1', 'Number of Tasks': tasks, 'RDD Info': [], 'Parent IDs': [], Details: '', 'Submission Time': START + stage * 12_000 };
  return line({ Event: `SparkListenerStage${name}`, 'Stage Info': name === 'Submitted' ? info : { ...info, 'Completion Time': START + stage * 12_000 + 11_500, Accumulables: [] } });
}

function* events(tasks: number): Generator<string> {
  yield line({ Event: 'SparkListenerLogStart', 'Spark Version': '3.5.9' });
  yield line({ Event: 'SparkListenerApplicationStart', 'App Name': 'bench', 'App ID': 'app-bench', Timestamp: START - 1_000 });
  for (let n = 1; n <= EXECUTORS; n++) yield line({ Event: 'SparkListenerExecutorAdded', Timestamp: START - 500, 'Executor ID': String(n), 'Executor Info': { Host: '10.0.0.1', 'Total Cores': CORES } });
  for (let task = 0; task < tasks; task += TASKS_A_STAGE) {
    const count = Math.min(TASKS_A_STAGE, tasks - task);
    yield stageLine(task / TASKS_A_STAGE, count, 'Submitted');
    for (let n = 0; n < count; n++) yield taskLines(task + n);
    yield stageLine(task / TASKS_A_STAGE, count, 'Completed');
  }
  yield line({ Event: 'SparkListenerApplicationEnd', Timestamp: START + Math.ceil(tasks / TASKS_A_STAGE) * 12_000 });
}

/** Writes the log to a file. */
export function writeEventLog(path: string, tasks: number): Promise<void> {
  return pipeline(Readable.from(events(tasks)), createGzip({ level: 1 }), createWriteStream(path));
}
