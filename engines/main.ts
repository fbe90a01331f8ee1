// npm run engines: brings engines up and down for trying out, and for tests that share one start.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FAILURE_KINDS, isPivoError, PivoError } from '../contract/failures.ts';
import type { EngineOptions } from './cache.ts';
import { stopEngine } from './engine.ts';
import { startHdfs } from './hdfs.ts';
import { KAFKA_VERSIONS, startKafka } from './kafka.ts';
import { enginePlaces } from './places.ts';
import { ENGINES, hasProcess, isUp, readRecord, recordFile, type EngineName, type KafkaVersion, type Recorded } from './record.ts';
import { startSpark } from './spark.ts';
import { startTemporal } from './temporal.ts';

const USAGE = `Usage: npm run engines -- up|down|status [hdfs] [kafka] [spark] [temporal] [options]   (no name: all four)

  up      fetches what is missing, starts, returns when everything is ready
  down    ends what this home started; data stays
  status  what runs, and where

  --kafka VERSION  ${KAFKA_VERSIONS.join(' or ')}
  --separate       NameNode and DataNode as two processes
  --clean          with down: removes the data too
  --home DIR       default: PIVO_HOME/engines
  --json           the answer as JSON on stdout
`;

interface Request {
  command: 'up' | 'down' | 'status';
  names: EngineName[];
  kafka: KafkaVersion;
  separate: boolean;
  clean: boolean;
  json: boolean;
  options: EngineOptions;
}

/** By engine: what engines.json says of it while any process of it runs, and its state now. */
type Answer = Record<string, Record<string, unknown> & { state: State }>;

/** `broken`: some process of it ended by itself; `up` starts it anew. */
type State = 'up' | 'starting' | 'broken' | 'down';

async function main(argv: string[]): Promise<void> {
  const request = parse(argv);
  if (request === null) return void process.stdout.write(USAGE);
  if (request.command === 'up') await up(request);
  if (request.command === 'down') await down(request);
  print(request, statusOf(request));
}

function parse(argv: string[]): Request | null {
  const { values, positionals } = parsed(argv);
  if (values.help === true || positionals.length === 0) return null;
  const [command, ...names] = positionals;
  const abort = new AbortController();
  // each time, not once: npm passes Ctrl-C on, so that it comes twice
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort(new PivoError('Cancelled', `cancelled by ${signal}; what was started ended again`)));
  return {
    command: oneOf(['up', 'down', 'status'] as const, command, 'command'),
    names: names.length === 0 ? ENGINES : names.map((name) => oneOf(ENGINES, name, 'engine')),
    kafka: oneOf(KAFKA_VERSIONS, values.kafka ?? KAFKA_VERSIONS[0], 'Kafka version'),
    separate: values.separate === true,
    clean: values.clean === true,
    json: values.json === true,
    options: { ...enginePlaces(process.env, values.home), progress: (line) => void process.stderr.write(`${line}\n`), signal: abort.signal },
  };
}

function parsed(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: { kafka: { type: 'string' }, home: { type: 'string' }, separate: { type: 'boolean' }, clean: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new PivoError('InvalidInput', (error as Error).message, { hint: 'See: npm run engines -- --help', cause: error });
  }
}

function oneOf<T extends string>(values: readonly T[], value: string | undefined, what: string): T {
  const known = values.find((each) => each === value);
  if (known === undefined) throw new PivoError('InvalidInput', `unknown ${what} ${value}`, { hint: `Known are ${values.join(', ')}.` });
  return known;
}

/** All or nothing: when one fails, those that this call started end again. */
async function up({ names, kafka, separate, options }: Request): Promise<void> {
  const failing = new AbortController();
  const signal = AbortSignal.any([options.signal, failing.signal].filter((each) => each !== undefined));
  const start = {
    hdfs: () => startHdfs({ ...options, signal, separate }),
    kafka: () => startKafka({ ...options, signal, version: kafka }),
    spark: () => startSpark({ ...options, signal }),
    temporal: () => startTemporal({ ...options, signal }),
  };
  let first: unknown;
  const starts = names.map((name) =>
    start[name]().catch((error: unknown) => {
      first ??= error;
      failing.abort(error);
      return null;
    }),
  );
  const engines = await Promise.all(starts);
  if (first === undefined) return;
  await Promise.all(engines.filter((engine) => engine?.started === true).map((engine) => engine?.stop() ?? Promise.resolve()));
  throw first;
}

async function down({ names, clean, options }: Request): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      await stopEngine(options.home, name);
      if (clean) await rm(join(options.home, name), { recursive: true, force: true });
    }),
  );
}

function statusOf({ names, options }: Request): Answer {
  const record = readRecord(options.home);
  const answer: Answer = {};
  for (const name of names) {
    const state = stateOf(record[name]);
    answer[name] = state === 'down' ? { state } : { ...record[name], state };
  }
  return answer;
}

function stateOf(entry: Recorded | undefined): State {
  if (entry === undefined) return 'down';
  if (isUp(entry)) return 'up';
  if (!hasProcess(entry)) return 'down';
  return entry.state === 'starting' ? 'starting' : 'broken';
}

/** The shortest that PIVO_ENGINES can be for these engines. */
const ofHome = ({ home, env }: EngineOptions): string => (home === enginePlaces(env).home ? '1' : home);

function print({ json, options }: Request, answer: Answer): void {
  const lines = Object.entries(answer).map(([name, entry]) => {
    const addresses = Object.values(entry).filter((value) => typeof value === 'string' && /:\d+$/.test(value));
    return [name.padEnd(8), entry.state, ...addresses].join('  ');
  });
  if (Object.values(answer).some(({ state }) => state === 'up')) lines.push(`these addresses for programs: ${recordFile(options.home)}`, `PIVO on them: PIVO_ENGINES=${ofHome(options)} ./pivo up, and so for each command`);
  process.stdout.write(json ? `${JSON.stringify(answer, null, 2)}\n` : `${lines.join('\n')}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!isPivoError(error)) throw error;
  process.stderr.write(`error: ${error.message}\n${error.hint === undefined ? '' : `hint: ${error.hint}\n`}`);
  process.exitCode = FAILURE_KINDS[error.kind].exitCode;
}
