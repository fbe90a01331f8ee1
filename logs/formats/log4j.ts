// Lines of log4j and its kin, as Spark, Hadoop and Kafka write them.
import type { LogSystem } from '../../contract/logs.ts';
import { assembling } from './assemble.ts';
import { shareOf, type Format, type Header } from './format.ts';
import { levelNamed, stampOf } from './stamp.ts';

const LEVEL = '(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|SEVERE|CRITICAL)';
/** `INFO component: text`, `INFO  [thread] component (File.java:method(12)) - text`, `INFO component - text`. */
const LEVEL_FIRST = new RegExp(String.raw`^ ?[,:-]?\s*\[?${LEVEL}\]?\s+(?:\[[^\]]*\]\s+)?([\w$.\-/]+)(?:\s\([\w$.<>-]+:[\w$<>]*(?:\([\d-]+\))?[^)]*\))?(?::| -) ?`);
/** `[thread] INFO  component - text`, `- INFO`. */
const THREAD_FIRST = new RegExp(String.raw`^ ?-?\s*\[[^\]]*\]\s+${LEVEL}\s+([\w$.\-/]+)(?:\s\([^)]*\))?(?::| -) ?`);
/** Kafka: `INFO text (component)`. */
const LEVEL_ONLY = new RegExp(String.raw`^\s*${LEVEL}\s+`);
const COMPONENT_LAST = /\s\(((?:[\w$]+\.)+[\w$]+)\)$/;

/** What a line of log4j says; null for a line that begins no entry. */
function headerOf(line: string): Header | null {
  const stamp = stampOf(line);
  if (stamp === null) return null;
  const rest = line.slice(stamp.length);
  const found = LEVEL_FIRST.exec(rest) ?? THREAD_FIRST.exec(rest);
  if (found !== null && !rest.includes(' (kafka.')) return headed(stamp.time, found[1], found[2] ?? null, rest.slice(found[0].length));
  const only = LEVEL_ONLY.exec(rest);
  if (only === null) return null;
  const text = rest.slice(only[0].length);
  const last = COMPONENT_LAST.exec(text);
  return last === null ? headed(stamp.time, only[1], null, text) : headed(stamp.time, only[1], last[1] ?? null, text.slice(0, last.index));
}

const headed = (time: number, level: string | undefined, component: string | null, text: string): Header => ({ time, level: levelNamed(level), component, run: null, text, exception: null });

const SYSTEMS: readonly (readonly [RegExp, LogSystem])[] = [
  [/\((?:org\.apache\.kafka|kafka)\.|\[(?:KafkaServer|BrokerServer|Controller|GroupCoordinator|RaftManager|ReplicaManager)\b/, 'kafka'],
  [/^\d\d\/\d\d\/\d\d .*\b(?:SparkContext|SparkEnv|BlockManager\w*|DAGScheduler|TaskSetManager|Executor|SecurityManager|MemoryStore|ResourceUtils|Utils|NativeCodeLoader|CoarseGrained\w+)\b|org\.apache\.spark\.|\bPIVO-Restore-/, 'spark'],
  [/org\.apache\.hadoop\.|\b(?:namenode|datanode|resourcemanager|nodemanager|BlockStateChange|FSNamesystem|StateChange|hdfs\.[A-Z])/i, 'hadoop'],
];

export const log4j: Format = {
  name: 'log4j',
  share: (lines) => shareOf(lines, (line) => headerOf(line) !== null),
  reader: (emit, from) => assembling({ begin: headerOf }, emit, from),
  system(lines) {
    const counts = SYSTEMS.map(([pattern, system]) => ({ system, lines: lines.filter((line) => pattern.test(line)).length }));
    const best = counts.reduce((a, b) => (b.lines > a.lines ? b : a));
    return best.lines === 0 ? null : best.system;
  },
};
