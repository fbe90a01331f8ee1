// Airflow DAGs: their ids and schedules, the tasks with their operators, and what runs after what.
import { argumentNamed, EXPRESSION, named, type Call, type Code } from './calls.ts';
import type { Facts } from './reader.ts';

/** Keywords that say what an operator does; a value is shown only where it is a string. */
const WORK = ['bash_command', 'python_callable', 'sql', 'application', 'job_name', 'image', 'endpoint', 'trigger_dag_id', 'external_dag_id', 'bucket_key', 'filepath', 'query', 'job_id', 'table', 'dag_id'];
/** Keywords of operators that name what is read and what is written. */
const MOVED: readonly (readonly ['input' | 'output', readonly string[]])[] = [
  ['input', ['filename', 'source_objects', 'source_object', 'bucket_key', 'filepath', 's3_source_key', 'source_bucket_key', 'source_project_dataset_tables']],
  ['output', ['s3_key', 'dest_key', 'dest_bucket_key', 'destination_object', 'destination_project_dataset_table', 'dst', 'redshift_table', 'destination_table']],
];

export function airflowFacts(code: Code, facts: Facts): void {
  for (const call of code.calls) {
    if (call.name === 'DAG' || (call.decorator && /^(?:\w+\.)?dag$/.test(call.path))) dag(code, call, facts);
    else if (argumentNamed(call, ['task_id']) !== undefined) task(code, call, facts);
    else if (call.name === 'chain' && call.chain.length === 1 && call.args.length > 1) facts.add('flow', 'chain', `each after the one before it: ${call.args.map(({ text }) => text).join(', ')}`, call.line);
    else if (/\.(?:set_downstream|set_upstream)$/.test(call.path)) facts.add('flow', call.path, `${call.path}(${call.args.map(({ text }) => text).join(', ')})`, call.line);
    else if (call.name === 'TaskGroup' && call.args[0] !== undefined) facts.add('task', named(call.args[0], code).name, 'a group of tasks', call.args[0].line);
  }
  taskFlow(code, facts);
  arrows(code, facts);
}

/** Lines of an expression that are looked at. */
const MOST_LINES = 30;

/** `a >> b`; an expression over several lines is told once, at the first line that has an arrow. */
function arrows({ source, text }: Code, facts: Facts): void {
  const [lines, masked] = [source.split('\n'), text.split('\n')];
  let told = -1;
  for (const [at, line] of masked.entries()) {
    if (at <= told || line.length > 600 || !/^[^=]*(?:>>|<<)/.test(line)) continue;
    let [from, to] = [at, at];
    while (from > 0 && at - from < MOST_LINES && /^\s*(?:>>|<<)/.test(masked[from] ?? '') && masked[from - 1]?.trim() !== '(') from--;
    while (to - at < MOST_LINES && /^\s*(?:>>|<<)|^\s*[)\]]/.test(masked[to + 1] ?? '') && masked[to + 1]?.trim() !== ')') to++;
    told = to;
    const whole = lines.slice(from, to + 1).map((part) => part.trim()).join(' ');
    facts.add('flow', lines[at]?.trim() ?? '', from === to ? 'order of tasks, as the file writes it' : `order of tasks: ${whole}`, at + 1);
  }
}

function dag(code: Code, call: Call, facts: Facts): void {
  const id = argumentNamed(call, ['dag_id'], 0);
  const decorates = /^\s*(?:@[^\n]*\n\s*)*def\s+(\w+)/.exec(afterCall(code, call))?.[1];
  if (id !== undefined) facts.add('entryPoint', named(id, code).name, 'an Airflow DAG of this id', id.line);
  else if (decorates !== undefined) facts.add('entryPoint', decorates, 'an Airflow DAG, named by its function', lineOfDefinition(code, call, decorates));
  const schedule = argumentNamed(call, ['schedule', 'schedule_interval', 'timetable']);
  const of = id === undefined ? (decorates ?? '') : named(id, code).name;
  if (schedule !== undefined) facts.add('schedule', named(schedule, code).name, `when the Airflow DAG ${of} runs${named(schedule, code).value.replace(`, ${EXPRESSION}`, '')}`, schedule.line);
}

/** The text after the closing parenthesis of a call. */
function afterCall({ text }: Code, { offset, args }: Call): string {
  const from = Math.max(offset, args.at(-1)?.offset ?? 0);
  const close = text.indexOf(')\n', from);
  return close === -1 ? '' : text.slice(close + 2, close + 600);
}

function lineOfDefinition(code: Code, call: Call, name: string): number {
  return code.lineAt(Math.max(0, code.text.indexOf(`def ${name}`, call.offset)));
}

function task(code: Code, call: Call, facts: Facts): void {
  const id = argumentNamed(call, ['task_id']);
  if (id === undefined) return;
  const work = WORK.flatMap((keyword) => {
    const argument = argumentNamed(call, [keyword]);
    if (argument === undefined || (argument.literal ?? argument.text).length > 200) return [];
    return [`${keyword} ${argument.literal?.split('\n')[0] ?? argument.text.split('\n')[0]}`];
  });
  const of = named(id, code).name;
  facts.add('task', of, `a task: ${call.name}${work.length === 0 ? '' : `, ${work.join(', ')}`}`, id.line);
  for (const [kind, keywords] of MOVED) {
    for (const keyword of keywords) {
      const argument = argumentNamed(call, [keyword]);
      if (argument !== undefined) facts.add(kind, named(argument, code).name, `${keyword} of task ${of} (${call.name})${named(argument, code).value}`, argument.line);
    }
  }
}

/** Functions under `@task`, `@task.bash` and the like. */
function taskFlow({ text, lineAt }: Code, facts: Facts): void {
  for (const found of text.matchAll(/^[ \t]*@(task(?:\.\w+)?)\b[^\n]{0,300}\n(?:[^\n]{0,200}\n){0,12}?[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)/gm)) {
    const name = found[2] ?? '';
    facts.add('task', name, `a task: the function under @${found[1]}`, lineAt(found.index + found[0].lastIndexOf(name)));
  }
}
