// Python files: scripts, command line options, pipelines of Spark, pandas, Airflow, Temporal and other schedulers, tests.
import { airflowFacts } from './airflow.ts';
import { argumentNamed, codeOf, named, type Call, type Code } from './calls.ts';
import { PYTHON } from './lexis.ts';
import { Facts, firstOf, type FileReader } from './reader.ts';
import { shownValue } from './secrets.ts';
import type { Source } from './source.ts';
import { sparkFacts } from './spark.ts';
import { sqlInStrings } from './sql.ts';
import { temporalPython } from './temporal.ts';

export const pythonReader: FileReader = {
  reads: (path) => /\.pyw?$/.test(path),
  read(source) {
    const facts = new Facts(source);
    const code = codeOf(source.text, PYTHON);
    scriptFacts(source, code, facts);
    decorated(source, code, facts);
    for (const call of code.calls) {
      option(call, facts);
      files(code, call, facts);
      environment(call, facts);
      port(call, facts);
    }
    for (const found of code.text.matchAll(/\benviron\s*\[\s*(?=["'])/g)) variable(code, found.index + found[0].length, facts);
    sparkFacts(code, facts);
    if (/^[ \t]*(?:from|import)[ \t]+airflow\b/m.test(code.text)) airflowFacts(code, facts);
    if (/^[ \t]*(?:from|import)[ \t]+temporalio\b/m.test(code.text)) temporalPython(code, facts);
    sqlInStrings(code, facts);
    tests(source, code, facts);
    return facts.list;
  },
};

/** `if __name__ == "__main__":` and what it calls. */
function scriptFacts(source: Source, code: Code, facts: Facts): void {
  const main = /^if\s+__name__\s*==\s*["']_+["']\s*:/m.exec(code.text);
  if (main === null) return;
  const own = new Set([...code.text.matchAll(/^(?:async )?def (\w+)/gm)].map(([, name]) => name));
  const called = code.calls.find(({ offset, name, chain }) => offset > main.index && chain.length === 1 && own.has(name));
  facts.add('entryPoint', '__main__', `${source.name} runs as a script${called === undefined ? '' : ` and calls ${called.path}`}`, code.lineAt(main.index));
}

/** Decorators that make a function something that is run: by which framework's import, and what it is then. */
const DECORATORS: readonly { names: RegExp; needs: RegExp; kind: 'entryPoint' | 'task'; what: string }[] = [
  { names: /^(?:\w+\.)?(?:command|group)$/, needs: /\b(?:click|typer)\b/, kind: 'entryPoint', what: 'a command of the command line' },
  { names: /^(?:prefect\.)?flow$/, needs: /\bprefect\b/, kind: 'entryPoint', what: 'a Prefect flow' },
  { names: /^(?:prefect\.)?task$/, needs: /\bprefect\b/, kind: 'task', what: 'a Prefect task' },
  { names: /^(?:dagster\.|dg\.)?(?:job|graph)$/, needs: /\bdagster\b/, kind: 'entryPoint', what: 'a Dagster job' },
  { names: /^(?:dagster\.|dg\.)?(?:asset|op|multi_asset)$/, needs: /\bdagster\b/, kind: 'task', what: 'a step of Dagster' },
  { names: /^\w+\.task$|^shared_task$/, needs: /\bcelery\b/, kind: 'task', what: 'a Celery task' },
];

function decorated({ lines }: Source, { text, lineAt }: Code, facts: Facts): void {
  const imports = [...text.matchAll(/^[ \t]*(?:from|import)[ \t]+[^\n]{1,200}/gm)].map(([line]) => line).join('\n');
  for (const found of text.matchAll(/^[ \t]*@([\w.]{1,100})/gm)) {
    const kind = DECORATORS.find(({ names, needs }) => names.test(found[1] ?? '') && needs.test(imports));
    if (kind === undefined) continue;
    const line = lineAt(found.index + found[0].indexOf('@'));
    const at = lines.findIndex((text, index) => index >= line && index < line + 40 && /^\s*(?:async\s+)?(?:def|class)\s/.test(text));
    const name = /(?:def|class)\s+(\w+)/.exec(lines[at] ?? '')?.[1];
    if (name !== undefined) facts.add(kind.kind, name, kind.what, at + 1);
  }
}

/** argparse's `add_argument`, click's and typer's options. */
function option(call: Call, facts: Facts): void {
  const isOption = call.name === 'add_argument' || /^(?:click|typer)\.(?:option|argument|Option|Argument)$/.test(call.path);
  const first = call.args.find(({ literal, keyword }) => literal !== undefined && keyword === undefined && (literal.startsWith('--') || !literal.startsWith('-'))) ?? call.args[0];
  if (!isOption || first?.literal === undefined || first.keyword !== undefined) return;
  const help = argumentNamed(call, ['help'])?.literal?.split('\n')[0];
  const given = argumentNamed(call, ['default']);
  const required = argumentNamed(call, ['required'])?.text === 'True' || (call.name === 'add_argument' && !first.literal.startsWith('-'));
  const value = given === undefined ? '' : shownValue(first.literal, given.literal ?? given.text).replace(' = ', ', default ');
  facts.add('configuration', first.literal, `${required ? 'required ' : ''}argument of the command line${value}${help === undefined ? '' : `: ${help}`}`, first.line);
}

const READ_FILES = /^(?:pd|pandas|pl|polars|dd|ddf|dask|cudf|ps|gpd|geopandas)\.(?:\w+\.)?(?:read_\w+|scan_\w+)$/;
const WRITE_FILES = /^(?:to_(?:csv|parquet|json|excel|feather|hdf|orc|pickle|gbq|sql|xml|stata|delta)|write_(?:csv|parquet|json|ndjson|delta|database|excel))$/;

function files(code: Code, call: Call, facts: Facts): void {
  const [first, second] = call.args;
  if (first === undefined) return;
  const isKnown = (argument: Call['args'][number] | undefined): boolean => argument !== undefined && (argument.literal !== undefined || code.constants.has(argument.text));
  if (READ_FILES.test(call.path)) {
    const query = /read_sql|read_database/.test(call.name) ? first.literal : undefined; // a statement is told as SQL
    if (query === undefined || !/\s/.test(query.trim())) tell(code, 'input', first, `read by ${call.path}`, facts);
  } else if (WRITE_FILES.test(call.name) && call.chain.length > 1) tell(code, 'output', first, `written by ${call.name}`, facts);
  else if (call.path === 'open' && isKnown(first)) {
    const mode = argumentNamed(call, ['mode'], 1)?.literal ?? 'r';
    tell(code, /[wax]/.test(mode) ? 'output' : 'input', first, `file opened with mode "${mode}"`, facts);
  } else if (/^(?:requests|httpx)\.(?:get|post|put|request)$/.test(call.path)) {
    const url = call.name === 'request' ? second : first;
    if (url !== undefined && isKnown(url)) tell(code, call.name === 'get' ? 'input' : 'output', url, `HTTP ${call.name.toUpperCase()}`, facts);
  } else if (/\.(?:download_file|upload_file|get_object|put_object)$/.test(call.path)) objectStore(code, call, facts);
  else if (/^(?:Kafka(?:Consumer|Producer))$/.test(call.name)) for (const topic of call.args.filter(({ keyword }) => keyword === undefined)) tell(code, 'input', topic, `topic of ${call.name}`, facts);
}

function tell(code: Code, kind: 'input' | 'output', argument: Call['args'][number], what: string, facts: Facts): void {
  if (/^(?:None|True|False|self|sys\.std(?:in|out|err))$/.test(argument.text)) return;
  const { name, value } = named(argument, code);
  facts.add(kind, name, what + value, argument.line);
}

/** boto3: a client's calls name bucket and key, those of a Bucket the key only. */
function objectStore(code: Code, call: Call, facts: Facts): void {
  const places = call.args.filter(({ keyword }) => keyword === undefined).length;
  const upload = call.name === 'upload_file' ? 1 : 0;
  const bucket = argumentNamed(call, ['Bucket', 'bucket'], places >= 3 || !call.name.endsWith('_file') ? upload : undefined);
  const key = argumentNamed(call, ['Key', 'key'], places >= 3 ? upload + 1 : upload);
  const target = key ?? bucket;
  if (target !== undefined) tell(code, /get|download/.test(call.name) ? 'input' : 'output', target, `${call.name} of an object store${bucket === undefined || bucket === target ? '' : `, bucket ${named(bucket, code).name}`}`, facts);
}

/** `os.environ.get("X", default)`, `os.getenv("X")`. */
function environment(call: Call, facts: Facts): void {
  const [first, otherwise] = call.args;
  if (!/(?:^|\.)(?:getenv|environ\.(?:get|setdefault|pop))$/.test(call.path) || first?.literal === undefined) return;
  const value = otherwise === undefined ? '' : shownValue(first.literal, otherwise.literal ?? otherwise.text).replace(' = ', ', default ');
  facts.add('configuration', first.literal, `environment variable${value}`, first.line);
}

/** `app.run(port=5000)`, `uvicorn.run(app, port=8000)`. */
function port(call: Call, facts: Facts): void {
  const given = ['run', 'run_app'].includes(call.name) ? argumentNamed(call, ['port']) : undefined;
  if (given !== undefined && /^\d{2,5}$/.test(given.text)) facts.add('port', given.text, 'a port that the program listens on', given.line);
}

/** `os.environ["X"]`: the string that begins at the offset. */
function variable({ strings, source, lineAt }: Code, at: number, facts: Facts): void {
  const found = strings.get(at);
  if (found !== undefined) facts.add('configuration', source.slice(found.from, found.to), 'environment variable, required', lineAt(at));
}

function tests({ name, path }: Source, { text, lineAt }: Code, facts: Facts): void {
  if (!/^(?:test_.*|.*_test|tests?)\.py$/.test(name) && !/(?:^|\/)tests?\//.test(path)) return;
  const found = [...text.matchAll(/^[ \t]*(?:async[ \t]+)?def[ \t]+(test\w*)/gm)];
  const [first] = found;
  if (first !== undefined) facts.add('test', first[1] ?? '', firstOf(found.length, 'test function'), lineAt(first.index + first[0].search(/\S/)));
}
