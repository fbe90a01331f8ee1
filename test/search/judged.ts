// The judged questions: reads them, asks them, and says how good the first ten answers are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';

/** What a person wants to see for a question. */
interface Judgement {
  /** 3 answers the question, 2 belongs to the answer, 1 helps. */
  grade: 1 | 2 | 3;
  /** How the name of the log begins, and a text of the entry. */
  log: string;
  text: string;
}

export interface JudgedQuestion {
  question: string;
  judgements: Judgement[];
}

export interface Measures {
  questions: number;
  /** Share of what was judged that is among the first ten. */
  recall: number;
  /** Normalised discounted cumulative gain of the first ten (Järvelin, Kekäläinen: "Cumulated gain-based evaluation of IR techniques", TOIS 2002). */
  ndcg: number;
  /** Share of the questions with an entry of grade 3 among the first ten. */
  answered: number;
}

export const FIRST = 10;

export function judgedQuestions(): JudgedQuestion[] {
  const questions: JudgedQuestion[] = [];
  for (const line of readFileSync(join(import.meta.dirname, 'judged.txt'), 'utf8').split('\n')) {
    if (line.startsWith('? ')) questions.push({ question: line.slice(2), judgements: [] });
    const [, grade, log, text] = /^([123]) (\S+) (.+)$/.exec(line) ?? [];
    if (grade !== undefined && log !== undefined && text !== undefined) questions.at(-1)?.judgements.push({ grade: Number(grade) as Judgement['grade'], log, text });
  }
  return questions;
}

/** Every second question, on which weights are chosen, or those between, which are held out. */
export const half = (questions: readonly JudgedQuestion[], which: 'chosen on' | 'held out'): JudgedQuestion[] => questions.filter((_, at) => at % 2 === (which === 'chosen on' ? 0 : 1));

interface ToJudge {
  name: string;
  text: string;
}

const entryToJudge = (db: Database.Database, link: string): ToJudge => {
  const [, source, line] = link.split(':');
  const sql = "SELECT s.name, e.text || char(10) || coalesce(e.exception, '') AS text FROM sources s JOIN entries e ON e.id = (s.key << 32) + ? WHERE s.id = ?";
  return db.prepare(sql).get(Number(line), source) as ToJudge;
};

const fits = ({ log, text }: Judgement, entry: ToJudge): boolean => entry.name.replace(/^.*\//, '').startsWith(log) && entry.text.includes(text);

/** The judgements that no entry fits: a mistake in the file, or in reading the logs. */
export function unfitting(db: Database.Database, questions: readonly JudgedQuestion[]): string[] {
  const entries = db.prepare("SELECT s.name, e.text || char(10) || coalesce(e.exception, '') AS text FROM entries e JOIN sources s ON s.key = e.id >> 32").all() as ToJudge[];
  return questions.flatMap(({ judgements }) => judgements.filter((judgement) => !entries.some((entry) => fits(judgement, entry))).map(({ log, text }) => `${log}: ${text}`));
}

/** How good the answers of `ask` are, which gives the links of the first ten. An entry that repeats what a better place has told gains nothing. */
export function measure(db: Database.Database, questions: readonly JudgedQuestion[], ask: (question: string) => string[]): Measures {
  const marks = questions.map(({ question, judgements }) => {
    const told = new Set<Judgement>();
    const gains = ask(question).slice(0, FIRST).map((link) => {
      const entry = entryToJudge(db, link);
      const fresh = judgements.filter((judgement) => !told.has(judgement) && fits(judgement, entry));
      for (const judgement of fresh) told.add(judgement);
      return Math.max(0, ...fresh.map(({ grade }) => 2 ** grade - 1));
    });
    const ideal = judgements.map(({ grade }) => 2 ** grade - 1).toSorted((a, b) => b - a).slice(0, FIRST);
    return { recall: told.size / judgements.length, ndcg: discounted(gains) / discounted(ideal), answered: [...told].some(({ grade }) => grade === 3) ? 1 : 0 };
  });
  const mean = (of: (mark: (typeof marks)[number]) => number): number => marks.reduce((sum, mark) => sum + of(mark), 0) / marks.length;
  return { questions: marks.length, recall: mean(({ recall }) => recall), ndcg: mean(({ ndcg }) => ndcg), answered: mean(({ answered }) => answered) };
}

const discounted = (gains: readonly number[]): number => gains.reduce((sum, gain, at) => sum + gain / Math.log2(at + 2), 0);

/** FTS5 alone: entries with any of the question's words, best first by its own rank. */
export function ftsAlone(db: Database.Database, words: readonly string[], limit: number): string[] {
  const rows = db.prepare('SELECT rowid FROM entry_words WHERE entry_words MATCH ? ORDER BY rank LIMIT ?').pluck().all(words.map((word) => `"${word}"`).join(' OR '), limit) as number[];
  const link = db.prepare("SELECT 'log:' || id || ':' || (? & 4294967295) FROM sources WHERE key = ? >> 32").pluck();
  return rows.map((id) => link.get(BigInt(id), BigInt(id)) as string);
}
