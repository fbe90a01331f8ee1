// One turn with two tool calls on a running PIVO, with a model that answers at once; and SQL in its sandbox beside the plain library.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { callOperation } from '../apps/cli/call.ts';
import type { TurnResult } from '../contract/conversation.ts';
import { ReadOnlyIndex } from '../metadata/read-only.ts';
import { median, timed, type Bench, type Row } from './bench.ts';
import { withPivo } from './with-pivo.ts';

const TURNS = 20;
const QUESTIONS = 300;
/** Answered by the scripted model after two calls of `query_metadata`, one after the other. */
const QUESTION = 'list the latest commits of bench-0';
const SQL = 'SELECT commit_hash, author_name, subject FROM commits LIMIT 50';

export const agentBench: Bench = {
  name: 'agent',
  title: `Agent: a turn with two tool calls, model's time apart, median of ${TURNS}; sandboxed SQL, median of ${QUESTIONS}`,
  run: ({ scratch, repositories: [repository] }) =>
    withPivo(scratch, async (pivo) => {
      if (repository === undefined) throw new Error('there is no repository to ask about');
      await pivo.json('ingest', repository, '--name', 'bench-0');
      return [...(await turns(join(pivo.home, 'run', 'server.sock'))), await sandbox(join(pivo.home, 'pivo.db'))];
    }, { PIVO_LLM: 'scripted' }),
};

/** The first turn opens what the later ones find open, and is not counted. */
async function turns(socket: string): Promise<Row[]> {
  const { conversation } = await ask(socket);
  const [fresh, going]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    fresh.push((await timed(() => ask(socket))).seconds * 1000);
    going.push((await timed(() => ask(socket, conversation))).seconds * 1000);
  }
  return [
    { what: 'a turn that begins a conversation', unit: 'ms', pivo: median(fresh), allowed: 400 },
    { what: 'a turn of one that goes on', unit: 'ms', pivo: median(going), allowed: 400 },
  ];
}

async function ask(socket: string, conversation?: string): Promise<TurnResult> {
  const options = { signal: new AbortController().signal, onProgress: () => {} };
  const result = await callOperation<TurnResult>(socket, 'ask', { question: QUESTION, ...(conversation === undefined ? {} : { conversation }) }, options, () => Promise.reject(new Error('PIVO does not run')));
  if (result.end !== 'stop' || result.tools.length !== 2) throw new Error(`the turn ended with ${result.end} after ${result.tools.length} calls: ${result.answer}`);
  return result;
}

async function sandbox(index: string): Promise<Row> {
  const reader = new ReadOnlyIndex(index);
  const db = new Database(index, { readonly: true });
  const limits = { rows: 1_000 };
  const signal = new AbortController().signal;
  try {
    await reader.query(SQL, limits, signal); // starts its process
    const [ours, plain]: [number[], number[]] = [[], []];
    for (let question = 0; question < QUESTIONS; question++) {
      ours.push((await timed(() => reader.query(SQL, limits, signal))).seconds * 1000);
      plain.push((await timed(async () => db.prepare(SQL).all())).seconds * 1000);
    }
    return { what: '50 rows of SQL in the sandbox', unit: 'ms', pivo: median(ours), beside: { name: 'better-sqlite3', value: median(plain) }, allowed: median(plain) + 5 };
  } finally {
    db.close();
    reader.close();
  }
}
