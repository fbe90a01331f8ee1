// Shell scripts and Makefiles: what they submit, copy and start, and which variables they take.
import { Facts, type FileReader } from './reader.ts';
import { isSecretName, looksSecret } from './secrets.ts';
import type { Source } from './source.ts';

export const shellReader: FileReader = {
  reads: (path, name) => /\.(?:sh|bash|ksh|zsh)$/.test(path) || /^(?:entrypoint|run|start|submit)$/i.test(name),
  read(source) {
    const facts = new Facts(source);
    if (/^#!.*\b(?:ba|k|z|da)?sh\b/.test(source.lines[0] ?? '')) facts.add('entryPoint', source.lines[0] ?? '', `${source.name} runs as a shell script`, 1);
    commandFacts(source, facts);
    variables(source, facts);
    return facts.list;
  },
};

interface Word {
  text: string;
  line: number;
}

/** Commands of a script: lines that end with `\` are joined; here-documents of other programs stay as they are. */
function* commands({ lines }: Pick<Source, 'lines'>): Generator<Word[]> {
  let words: Word[] = [];
  for (const [at, line] of lines.entries()) {
    const plain = line.replace(/(?:^|\s)#.*$/, '');
    const goesOn = plain.endsWith('\\');
    for (const [text] of plain.replace(/\\$/, '').matchAll(/"[^"]{0,1000}"|'[^']{0,1000}'|[|&;]+|[^\s"'|&;]+/g)) {
      if (/^[|&;]+$/.test(text)) {
        if (words.length > 0) yield words;
        words = [];
      } else words.push({ text: text.replaceAll(/^["']|["']$/g, ''), line: at + 1 });
    }
    if (!goesOn && words.length > 0) {
      yield words;
      words = [];
    }
  }
  if (words.length > 0) yield words;
}

/** What each known program is given; tells facts of the words after its name. */
const PROGRAMS: Record<string, (words: readonly Word[], facts: Facts) => void> = {
  'spark-submit': sparkSubmit,
  'spark-sql': (words, facts) => files(words, facts, /\.(?:sql|hql)$/, 'run by spark-sql'),
  hdfs: (words, facts) => (words[0]?.text === 'dfs' ? hadoop(words.slice(1), facts, 'hdfs dfs') : undefined),
  hadoop: (words, facts) => (words[0]?.text === 'fs' ? hadoop(words.slice(1), facts, 'hadoop fs') : words[0]?.text === 'distcp' ? copy(words.slice(1), facts, 'hadoop distcp') : undefined),
  aws: (words, facts) => (words[0]?.text === 's3' && /^(?:cp|mv|sync)$/.test(words[1]?.text ?? '') ? copy(words.slice(2), facts, `aws s3 ${words[1]?.text}`) : undefined),
  gsutil: (words, facts) => (/^(?:cp|mv|rsync)$/.test(words.find(({ text }) => !text.startsWith('-'))?.text ?? '') ? copy(words.slice(words.findIndex(({ text }) => !text.startsWith('-')) + 1), facts, 'gsutil') : undefined),
  'kafka-topics': (words, facts) => kafka(words, facts, 'output', 'kafka-topics'),
  'kafka-console-producer': (words, facts) => kafka(words, facts, 'output', 'kafka-console-producer'),
  'kafka-console-consumer': (words, facts) => kafka(words, facts, 'input', 'kafka-console-consumer'),
  psql: (words, facts) => files(words, facts, /\.sql$/, 'run by psql'),
  hive: (words, facts) => files(words, facts, /\.(?:sql|hql)$/, 'run by hive'),
  beeline: (words, facts) => files(words, facts, /\.(?:sql|hql)$/, 'run by beeline'),
  python: (words, facts) => script(words, facts, 'python'),
  python3: (words, facts) => script(words, facts, 'python3'),
  dbt: (words, facts) => said(words, facts, 'dbt', /^(?:run|build|seed|snapshot|test)$/),
  airflow: (words, facts) => said(words, facts, 'airflow', /^dags$/),
  temporal: (words, facts) => said(words, facts, 'temporal', /^(?:workflow|schedule)$/),
};

function commandFacts(source: Pick<Source, 'lines'>, facts: Facts): void {
  for (const words of commands(source)) {
    const at = words.findIndex(({ text }) => Object.hasOwn(PROGRAMS, programOf(text)));
    const program = words[at];
    if (program !== undefined && at <= MOST_BEFORE) PROGRAMS[programOf(program.text)]?.(words.slice(at + 1), facts);
  }
}

/** Words before a program's name: `sudo -u x`, `docker exec y`, settings of variables. Further behind it is an argument. */
const MOST_BEFORE = 4;

const programOf = (text: string): string => (text.split('/').at(-1) ?? '').replace(/^[$({@-]+/, '').replace(/\.sh$/, '');

function sparkSubmit(words: readonly Word[], facts: Facts): void {
  const app = words.find(({ text }) => /\.(?:py|jar|R)$/.test(text) && !text.includes(','));
  const valueOf = (name: string): string | undefined => (words.some(({ text }) => text === name) ? words[words.findIndex(({ text }) => text === name) + 1]?.text : undefined);
  const main = valueOf('--class');
  const how = ['--master', '--deploy-mode', '--queue'].flatMap((name) => (valueOf(name) === undefined ? [] : [`${name} ${valueOf(name)}`])).join(' ');
  if (app !== undefined) facts.add('entryPoint', app.text, `submitted by spark-submit${main === undefined ? '' : ` with class ${main}`}${how === '' ? '' : ` (${how})`}`, app.line);
  for (const [at, { text, line }] of words.entries()) {
    const value = words[at + 1];
    if (text === '--conf' && value !== undefined) setting(value, facts);
    else if (/^--(?:num-executors|executor-memory|executor-cores|driver-memory|driver-cores|total-executor-cores|packages)$/.test(text) && value !== undefined) facts.add('configuration', text, `option of spark-submit: ${value.text}`, line);
  }
}

function setting({ text, line }: Word, facts: Facts): void {
  const [, name = '', value = ''] = /^([\w.-]+)=(.*)$/.exec(text) ?? [];
  if (name !== '') facts.add('configuration', name, `setting of Spark in spark-submit${isSecretName(name) || looksSecret(value) ? '' : ` = ${value}`}`, line);
}

function hadoop(words: readonly Word[], facts: Facts, program: string): void {
  const [verb, ...rest] = words;
  const paths = rest.filter(({ text }) => !text.startsWith('-'));
  const what = `${program} ${verb?.text ?? ''}`;
  const last = paths.at(-1);
  if (/^-(?:put|copyFromLocal|moveFromLocal|appendToFile|cp|mv|get|copyToLocal|getmerge|distcp)$/.test(verb?.text ?? '')) copy(rest, facts, what);
  else if (/^-(?:cat|text|ls|du|count|test|stat|tail)$/.test(verb?.text ?? '')) for (const { text, line } of paths) facts.add('input', text, what, line);
  else if (/^-(?:mkdir|touchz?|rm|rmr|expunge|setrep|chmod|chown)$/.test(verb?.text ?? '') && last !== undefined) facts.add('output', last.text, what, last.line);
}

/** The last path is written, the others are read. */
function copy(words: readonly Word[], facts: Facts, what: string): void {
  const paths = words.filter(({ text }) => !text.startsWith('-') && !/^[0-9]?[<>]/.test(text));
  for (const [at, { text, line }] of paths.entries()) facts.add(at === paths.length - 1 && paths.length > 1 ? 'output' : 'input', text, what, line);
}

function kafka(words: readonly Word[], facts: Facts, kind: 'input' | 'output', what: string): void {
  const at = words.findIndex(({ text }) => text === '--topic');
  const topic = at === -1 ? undefined : words[at + 1];
  if (topic !== undefined) facts.add(kind, topic.text, `Kafka topic of ${what}`, topic.line);
}

function files(words: readonly Word[], facts: Facts, form: RegExp, what: string): void {
  for (const { text, line } of words) if (form.test(text)) facts.add('entryPoint', text, what, line);
}

/** Modules that check, test or install: no pipeline starts with them. */
const TOOLS = /^(?:black|isort|flake8|mypy|pylint|ruff|pytest|unittest|pip|venv|virtualenv|build|twine|http\.server|ensurepip)$/;

function script(words: readonly Word[], facts: Facts, program: string): void {
  const [first, second] = words.filter(({ text }) => !/^-[A-Zbusi]$/.test(text));
  if (first?.text === '-m' && second !== undefined && !TOOLS.test(second.text)) facts.add('entryPoint', second.text, `module that ${program} runs`, second.line);
  else if (first !== undefined && first.text.endsWith('.py')) facts.add('entryPoint', first.text, `script that ${program} runs`, first.line);
}

function said(words: readonly Word[], facts: Facts, program: string, form: RegExp): void {
  const [first] = words;
  if (first === undefined || !form.test(first.text)) return;
  const shown = words.slice(0, 8).map(({ text }) => text).filter((text) => !looksSecret(text)).join(' ');
  facts.add('entryPoint', first.text, `runs \`${program} ${shown}\``, first.line);
}

/** `${NAME:-default}`, `${NAME:?message}`: what a script expects from outside; `$NAME` of variables that it does not set. */
function variables({ lines }: Source, facts: Facts): void {
  const own = new Set(lines.flatMap((line) => [...line.matchAll(/(?:^|[\s;])(?:export\s+|local\s+|readonly\s+|declare\s+(?:-\w+\s+)?|for\s+|read\s+(?:-\w+\s+)?)?([A-Za-z_]\w*)(?==|\s+in\b)/g)].map(([, name = '']) => name)));
  for (const [at, line] of lines.entries()) {
    for (const [, name, form, rest = '', bare] of line.replace(/(?:^|\s)#.*$/, '').matchAll(/\$\{([A-Z_][A-Z0-9_]*)(:?[-?=])?([^}]{0,200})\}|\$([A-Z_][A-Z0-9_]*)/g)) {
      const variable = name ?? bare ?? '';
      if (form !== undefined) facts.add('configuration', variable, `environment variable${form.includes('?') ? ', required' : isSecretName(variable) || looksSecret(rest) || rest === '' ? '' : `, default ${rest}`}`, at + 1);
      else if (!own.has(variable)) facts.add('configuration', variable, 'environment variable that the script does not set', at + 1);
    }
  }
}

export const makefileReader: FileReader = {
  reads: (path, name) => /^(?:gnu)?makefile$/i.test(name) || path.endsWith('.mk'),
  read(source) {
    const facts = new Facts(source);
    for (const [at, line] of source.lines.entries()) {
      const target = /^([A-Za-z][\w./-]{0,80})\s*:(?![=:])/.exec(line)?.[1];
      const said = /##\s*(.{1,160})/.exec(line)?.[1];
      if (target !== undefined && !target.includes('.')) facts.add('command', target, `target of make${said === undefined ? '' : `: ${said}`}`, at + 1);
    }
    commandFacts(source, facts);
    return facts.list;
  },
};
