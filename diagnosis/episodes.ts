// Episodes: what one run said in one log at one time; the unit that a question is about.
import type Database from 'better-sqlite3';
import type { LogSystem } from '../contract/logs.ts';
import { LINES_A_SOURCE, entryId } from '../logs/schema.ts';
import { searchLogs } from '../logs/search/search.ts';
import { proofsIn, type Between, type Finding, type ProofSource } from './proofs.ts';
import { wordsOf } from './subject.ts';

/** A pause after which the same run of the same log is another failure: a job of every night fails every night anew. */
const PAUSE = 3_600_000;
/** Logs that are looked at. */
const MOST_SOURCES = 200;
/** Those of them that are read one by one where all together hold too many proofs. */
const MOST_NEAREST = 12;
const MOST_HITS = 100;

export interface Episode {
  source: ProofSource;
  run: string | null;
  findings: Finding[];
  /** 0 to 1: how well search finds the log for the question. */
  relevance: number;
  /** Of its last proof, or of the log. */
  time: number | null;
}

export interface Scope extends Between {
  source?: string | undefined;
  run?: string | undefined;
}

interface SourceRow extends ProofSource {
  first_time: number | null;
  last_time: number | null;
}

/** The episodes that the question may be about: of the logs that search finds for its words, then of the newest ones. */
export function episodesFor(db: Database.Database, words: string, scope: Scope): Episode[] {
  const relevance = relevanceOf(db, words, scope);
  const sources = sourcesIn(db, scope);
  const chosen = sources.toSorted((a, b) => (relevance.get(b.id) ?? 0) - (relevance.get(a.id) ?? 0) || (b.last_time ?? 0) - (a.last_time ?? 0)).slice(0, MOST_SOURCES);
  const findings = Map.groupBy(ofRun(proofsIn(db, chosen, chosen.slice(0, MOST_NEAREST), scope), scope.run), ({ source }) => source.key);
  return chosen.flatMap((source) => split(source, relevance.get(source.id) ?? 0, findings.get(source.key) ?? []));
}

const ofRun = (findings: Finding[], run: string | undefined): Finding[] => (run === undefined ? findings : findings.filter((finding) => finding.run === run));

function sourcesIn(db: Database.Database, { from, to, source, run }: Scope): SourceRow[] {
  const sql = `SELECT key, id, name, system, run, first_time, last_time FROM sources
    WHERE (@source IS NULL OR id = @source) AND (@from IS NULL OR last_time >= @from) AND (@to IS NULL OR first_time < @to)
      AND (@run IS NULL OR run = @run OR key IN (SELECT id / ${LINES_A_SOURCE} FROM entries WHERE run = @run)) ORDER BY key`;
  return db.prepare(sql).all({ source: source ?? null, from, to, run: run ?? null }) as SourceRow[];
}

/** Shares of reciprocal rank that a log's entries have among those that search finds, the best log as 1. */
function relevanceOf(db: Database.Database, words: string, { from, to, source, run }: Scope): Map<string, number> {
  const filter = { ...(source === undefined ? {} : { source }), ...(run === undefined ? {} : { run }), ...(from === null ? {} : { from: new Date(from).toISOString() }), ...(to === null ? {} : { to: new Date(to).toISOString() }) };
  const shares = new Map<string, number>();
  if (words !== '') searchLogs(db, { filter, query: words, limit: MOST_HITS, skip: 0, context: 0, order: 'best' }).hits.forEach((hit, rank) => shares.set(hit.source, (shares.get(hit.source) ?? 0) + 1 / (rank + 10)));
  const most = Math.max(...shares.values(), Number.MIN_VALUE);
  return new Map([...shares].map(([id, share]) => [id, share / most]));
}

/** Findings by run, and by pauses; one without findings for a log that proves nothing. */
function split(source: SourceRow, relevance: number, findings: readonly Finding[]): Episode[] {
  const { first_time: _, last_time: last, ...plain } = source;
  if (findings.length === 0) return [{ source: plain, run: source.run, findings: [], relevance, time: last }];
  const episodes = new Map<string | null, Episode[]>();
  for (const finding of findings) {
    const ofRun = episodes.get(finding.run) ?? [];
    const open = ofRun.at(-1);
    if (open !== undefined && (finding.time ?? open.time ?? 0) - (open.time ?? finding.time ?? 0) <= PAUSE) {
      open.findings.push(finding);
      open.time = finding.time ?? open.time;
    } else ofRun.push({ source: plain, run: finding.run, findings: [finding], relevance, time: finding.time ?? last });
    episodes.set(finding.run, ofRun);
  }
  return [...episodes.values()].flat();
}

/** Tells whether an entry of an episode's log, of its run where it has one, holds a word or a form of it. */
export function speaking(db: Database.Database): (episode: Pick<Episode, 'source' | 'run'>, word: string) => boolean {
  const range = 'entry_words MATCH @match AND entry_words.rowid >= @first AND entry_words.rowid < @last';
  const inLog = db.prepare(`SELECT 1 FROM entry_words WHERE ${range} LIMIT 1`);
  const inRun = db.prepare(`SELECT 1 FROM entry_words JOIN entries e ON e.id = entry_words.rowid WHERE ${range} AND e.run = @run LIMIT 1`);
  return ({ source, run }, word) => {
    if (` ${wordsOf(`${source.name} ${run ?? ''}`).join(' ')} `.includes(` ${word} `)) return true;
    const where = { match: `"${word}"`, first: entryId(source.key, 0), last: entryId(source.key + 1, 0) };
    return (run === null || run === source.run ? inLog.get(where) : inRun.get({ ...where, run })) !== undefined;
  };
}

/** A system that the question names, as its logs are marked; null where they have no mark. */
export const NAMED_SYSTEMS: Readonly<Record<string, LogSystem | null>> = { spark: 'spark', pyspark: 'spark', hdfs: 'hadoop', hadoop: 'hadoop', namenode: 'hadoop', datanode: 'hadoop', kafka: 'kafka', airflow: 'airflow', dag: 'airflow', temporal: 'temporal', workflow: 'temporal', git: null, pivo: 'pivo', backup: 'pivo', restore: 'pivo' };
