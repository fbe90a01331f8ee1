// What code of Spark reads and writes, in Python, Scala and Java alike: DataFrame readers and writers, SQL, settings.
import { argumentNamed, named, type Argument, type Call, type Code } from './calls.ts';
import type { Facts } from './reader.ts';
import { shownValue } from './secrets.ts';

/** Methods of DataFrameReader and DataFrameWriter that name what is read or written, and by which keyword. */
const READS: Record<string, readonly string[]> = { csv: ['path'], json: ['path'], parquet: ['path'], orc: ['path'], text: ['path', 'paths'], textFile: ['path'], xml: ['path'], avro: ['path'], load: ['path'], table: ['tableName'], jdbc: ['table'], delta: ['path'] };
const WRITES: Record<string, readonly string[]> = { csv: ['path'], json: ['path'], parquet: ['path'], orc: ['path'], text: ['path'], xml: ['path'], avro: ['path'], save: ['path'], saveAsTable: ['name'], insertInto: ['tableName'], jdbc: ['table'], start: ['path'], toTable: ['tableName'], delta: ['path'] };
/** Options that name what is read or written where the call itself does not; jdbc's url is left out, it may hold a password. */
const TARGETS = ['path', 'subscribe', 'subscribePattern', 'topic', 'dbtable', 'table', 'collection', 'query'];

export function sparkFacts(code: Code, facts: Facts): void {
  for (const call of code.calls) {
    dataFrame(code, call, facts);
    session(code, call, facts);
  }
}

function dataFrame(code: Code, call: Call, facts: Facts): void {
  const names = call.chain.map(({ name }) => name);
  const from = names.findLastIndex((name, at) => (name === 'read' || name === 'readStream') && isMember(call, at));
  const to = names.findLastIndex((name, at) => ['write', 'writeStream', 'writeTo'].includes(name) && (isMember(call, at) || name === 'writeTo'));
  if (from !== -1 && from > to && READS[call.name] !== undefined) tell(code, call, facts, { kind: 'input', from, keywords: READS[call.name] ?? [] });
  else if (to !== -1 && WRITES[call.name] !== undefined) tell(code, call, facts, { kind: 'output', from: to, keywords: WRITES[call.name] ?? [] });
  else if (call.name === 'table' && /^(?:\w*\.)?(?:spark|sparkSession|session|sqlContext)\.table$/.test(call.path)) tellOne(code, call.args[0], facts, 'input', 'a table, read by Spark');
  else if (['textFile', 'wholeTextFiles', 'binaryFiles', 'sequenceFile'].includes(call.name) && /(?:^|\.)(?:sc|sparkContext|ctx)\.\w+$/.test(call.path)) tellOne(code, call.args[0], facts, 'input', `read by Spark's ${call.name}`);
  else if (['saveAsTextFile', 'saveAsHadoopFile'].includes(call.name)) tellOne(code, call.args[0], facts, 'output', `written by Spark's ${call.name}`);
}

/** Scala and Python call no parentheses on `read`; Java does, without arguments. */
const isMember = ({ chain }: Call, at: number): boolean => at < chain.length - 1 && (chain[at]?.args?.length ?? 0) === 0;

function tell(code: Code, call: Call, facts: Facts, { kind, from, keywords }: { kind: 'input' | 'output'; from: number; keywords: readonly string[] }): void {
  const links = call.chain.slice(from);
  const format = links.find(({ name }) => name === 'format' || name === 'source')?.args?.[0]?.literal ?? (['load', 'save', 'start', 'table', 'saveAsTable', 'insertInto', 'toTable', 'jdbc'].includes(call.name) ? undefined : call.name);
  const mode = links.find(({ name }) => name === 'mode' || name === 'outputMode')?.args?.[0]?.literal;
  const what = `${kind === 'input' ? 'read' : 'written'} by Spark${format === undefined ? '' : ` as ${format}`}${mode === undefined ? '' : `, ${mode}`} (${links.map(({ name }) => name).filter((name) => !['option', 'options'].includes(name)).join('.')})`;
  const direct = argumentNamed(call, keywords, call.name === 'jdbc' ? 1 : 0);
  const options = links.filter(({ name }) => name === 'option').flatMap(({ args = [] }) => (TARGETS.includes(args[0]?.literal ?? '') && args[1] !== undefined ? [args[1]] : []));
  for (const target of direct === undefined ? options : [direct]) tellOne(code, target, facts, kind, what);
  if (direct === undefined && options.length === 0 && call.name !== 'start') facts.add(kind, call.name, `${what}; what it names is not in the call`, call.line);
}

function tellOne(code: Code, argument: Argument | undefined, facts: Facts, kind: 'input' | 'output', what: string): void {
  if (argument === undefined) return;
  const { name, value } = named(argument, code);
  facts.add(kind, name, what + value, argument.line);
}

/** `appName`, and settings of session and context. */
function session(code: Code, call: Call, facts: Facts): void {
  const [first, second] = call.args;
  if (['appName', 'setAppName'].includes(call.name) && first !== undefined) {
    facts.add('entryPoint', named(first, code).name, 'a Spark application of this name is made', first.line);
  } else if (['config', 'set', 'setConf'].includes(call.name) && first?.literal?.startsWith('spark.') === true && second !== undefined) {
    facts.add('configuration', first.literal, `setting of Spark${shownValue(first.literal, second.literal ?? second.text)}`, first.line);
  }
}
