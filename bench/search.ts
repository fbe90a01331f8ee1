// Search in logs: how good the first ten are on the judged questions, and how long a search takes among millions of lines.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Database from 'better-sqlite3';
import { ingestLogs } from '../logs/ingest.ts';
import { openLogsForReading, openLogsForWriting } from '../logs/open.ts';
import { questionOf } from '../logs/search/question.ts';
import { searchLogs } from '../logs/search/search.ts';
import { FIRST, ftsAlone, half, judgedQuestions, measure, type JudgedQuestion } from '../test/search/judged.ts';
import { median, type Bench, type Row } from './bench.ts';
import { CORPUS, writeLines } from './search-lines.ts';

const GREP_QUESTIONS = 5;

/** The bench at a number of lines: 2,000,000 is what is promised for. */
export function searchBenchAt(lines: number): Bench {
  return { name: 'search', title: `Search in logs: judged questions, and latency at ${lines.toLocaleString('en')} lines`, run: ({ scratch }) => run(scratch, lines) };
}

export const searchBench = searchBenchAt(2_000_000);

async function run(scratch: string, lines: number): Promise<Row[]> {
  const judged = await indexed(join(scratch, 'judged.db'), CORPUS);
  const quality = qualityRows(judged);
  judged.close();
  const folder = join(scratch, 'lines');
  await writeLines(folder, lines);
  const large = await indexed(join(scratch, 'large.db'), folder);
  const latency = await latencyRows(large, folder);
  large.close();
  return [...quality, ...latency];
}

/** An index of a folder's logs, as a search opens it. */
async function indexed(path: string, folder: string): Promise<Database.Database> {
  const writing = openLogsForWriting(path);
  await ingestLogs(writing, { paths: [folder], spooled: false }, { signal: new AbortController().signal, onProgress: () => {} });
  writing.close();
  const db = openLogsForReading(path);
  if (db === null) throw new Error(`${path} is empty`);
  return db;
}

const hybrid = (db: Database.Database, query: string): string[] => searchLogs(db, { query, filter: {}, limit: FIRST, skip: 0, context: 0, order: 'best' }).hits.map(({ link }) => link);
const words = (db: Database.Database, query: string): string[] => ftsAlone(db, questionOf(query).words, FIRST);

/** On the questions that no weight was chosen on. */
function qualityRows(db: Database.Database): Row[] {
  const questions = half(judgedQuestions(), 'held out');
  const [ours, theirs] = [hybrid, words].map((ask) => measure(db, questions, (query) => ask(db, query)));
  if (ours === undefined || theirs === undefined) return [];
  const row = (what: string, pivo: number, value: number): Row => ({ what: `${what}, ${ours.questions} held-out questions`, unit: 'of 1', pivo, beside: { name: 'FTS5 alone', value } });
  return [row('recall@10', ours.recall, theirs.recall), row('nDCG@10', ours.ndcg, theirs.ndcg), row('an answer in the first ten', ours.answered, theirs.answered)];
}

/** The median and the 95th percentile over all judged questions, each asked once before. */
export async function latencyRows(db: Database.Database, folder: string): Promise<Row[]> {
  const questions = judgedQuestions();
  const ours = timesOf(questions, (query) => searchLogs(db, { query, filter: {}, limit: 20, skip: 0, context: 2, order: 'best' }));
  const filtered = timesOf(questions, (query) => searchLogs(db, { query, filter: { level: 'warn', system: 'spark' }, limit: 20, skip: 0, context: 2, order: 'best' }));
  const plain = timesOf(questions, (query) => words(db, query));
  const grep = await grepTimes(questions, folder);
  return [
    { what: 'a question: median', unit: 'ms', pivo: median(ours), beside: { name: 'FTS5 alone', value: median(plain) }, allowed: 50 },
    { what: 'a question: 95th percentile', unit: 'ms', pivo: percentile(ours), beside: { name: 'FTS5 alone', value: percentile(plain) }, allowed: 50 },
    { what: 'a question to one system, warnings and worse: median', unit: 'ms', pivo: median(filtered), allowed: 50 },
    { what: `a question: median, grep for any of its words (of ${GREP_QUESTIONS})`, unit: 'ms', pivo: median(ours), beside: { name: 'grep -r', value: median(grep) } },
  ];
}

function timesOf(questions: readonly JudgedQuestion[], ask: (question: string) => unknown): number[] {
  return questions.map(({ question }) => {
    ask(question);
    const began = performance.now();
    ask(question);
    return performance.now() - began;
  });
}

const percentile = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN;

/** grep that counts the lines with any word: it cannot say which are the best. */
async function grepTimes(questions: readonly JudgedQuestion[], folder: string): Promise<number[]> {
  const times: number[] = [];
  for (const { question } of questions.slice(0, GREP_QUESTIONS)) {
    const began = performance.now();
    await promisify(execFile)('grep', ['-r', '-i', '-c', '-E', questionOf(question).words.join('|'), folder], { maxBuffer: 64 * 2 ** 20 });
    times.push(performance.now() - began);
  }
  return times;
}
