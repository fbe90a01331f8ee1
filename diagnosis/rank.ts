// Which cause a question asks for: the episode that speaks of what it names, and in it the cause before its consequences.
import type Database from 'better-sqlite3';
import type { Cause, CauseDepth } from './cause.ts';
import { NAMED_SYSTEMS, speaking, type Episode } from './episodes.ts';
import type { Finding } from './proofs.ts';
import { stem, wordsOf, type Term } from './subject.ts';

/** A cause that an episode proves, or an episode that proves none. */
export interface Ranked {
  episode: Episode;
  /** Its proofs, the best first. */
  findings: readonly Finding[];
  cause: Cause | null;
  /** 0 to 1: the share of the question, by the weight of its words, that log and cause speak of. */
  covered: number;
  /** The share that they speak of without words that only name a system. */
  told: number;
  score: number;
}

const DEPTHS: Readonly<Record<CauseDepth, number>> = { cause: 0, general: 1, symptom: 2 };

/** How much the words of a cause count against those of a log, and how much search counts against both. */
const OF_CAUSE = 0.9;
const AFFINITY = 0.35;
const RELEVANCE = 0.2;
const SYSTEM = 0.25;
const SYMPTOM_LOSS = 0.12;
/** How much it counts that the proof itself holds the words, beside the log that it is in: long logs hold many. */
const OF_PROOF = 0.4;
/** Weights of words that no log has: what a person says beside the subject, and what looks like a name. */
const UNKNOWN = 1.2;
const UNKNOWN_NAME = 5;
/** Most that a plain word weighs: a rare one may stand in a log by chance, a name does not. */
const MOST_OF_WORD = 2.2;
/** Share of its weight that a word keeps which only names a system. */
const OF_SYSTEM = 0.5;

/** Every cause that an episode proves, the one that the question asks for first. */
export function rank(db: Database.Database, subject: readonly Term[], episodes: readonly Episode[]): Ranked[] {
  const speaks = speaking(db);
  const spoken = new Map(episodes.map((episode) => [episode, new Set(subject.filter(({ words }) => speaks(episode, words)))]));
  const weights = new Map(subject.map((term) => [term, weightOf(term, spoken)]));
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0) || 1;
  const share = (counts: (term: Term) => number): number => subject.reduce((sum, term) => sum + (weights.get(term) ?? 0) * counts(term), 0) / total;
  const { systems, groups } = namedIn(subject);
  const ranked = episodes.flatMap((episode): Ranked[] => {
    const inLog = spoken.get(episode) ?? new Set();
    const near = (isNamed: boolean): number => RELEVANCE * episode.relevance + (isNamed || systems.has(episode.source.system) ? SYSTEM : 0);
    const causes = causesIn(episode.findings).map(({ cause, findings }): Ranked => {
      const inCause = vocabularyOf(cause);
      const inProof = new Set(wordsOf(findings[0]?.text ?? '').map(stem));
      const fits = (term: Term): boolean => inCause.has(stem(term.words));
      const covered = share((term) => Math.max(inLog.has(term) ? 1 : 0, fits(term) ? OF_CAUSE : 0));
      const told = share((term) => (!(term.words in NAMED_SYSTEMS) && (inLog.has(term) || fits(term)) ? 1 : 0));
      const ofProof = share(({ words }) => (words.split(' ').every((word) => inProof.has(stem(word))) ? 1 : 0));
      const score = covered + AFFINITY * share((term) => (fits(term) ? 1 : 0)) + OF_PROOF * ofProof + near(groups.has(groupOf(cause))) - SYMPTOM_LOSS * DEPTHS[cause.depth];
      return { episode, findings, cause, covered, told, score };
    });
    const covered = share((term) => (inLog.has(term) ? 1 : 0));
    return [...causes, { episode, findings: [], cause: null, covered, told: 0, score: covered + near(false) }];
  });
  return ranked.toSorted((a, b) => b.score - a.score || (b.episode.time ?? 0) - (a.episode.time ?? 0));
}

/** The systems that a question names, and the groups of causes that are theirs. */
function namedIn(subject: readonly Term[]): { systems: ReadonlySet<string>; groups: ReadonlySet<string> } {
  const systems = new Set<string>(subject.flatMap(({ words }) => NAMED_SYSTEMS[words] ?? []));
  return { systems, groups: new Set([...subject.map(({ words }) => words), ...[...systems].map((system) => (system === 'hadoop' ? 'hdfs' : system))]) };
}

const groupOf = ({ id }: Cause): string => id.split('-')[0] ?? '';

/** A word that few logs have tells more than one that all have. */
function weightOf(term: Term, spoken: ReadonlyMap<Episode, ReadonlySet<Term>>): number {
  const sources = (episodes: readonly Episode[]): number => new Set(episodes.map(({ source }) => source.id)).size;
  const having = sources([...spoken].filter(([, terms]) => terms.has(term)).map(([episode]) => episode));
  if (having === 0) return term.kind === 'path' ? 0 : term.kind === 'name' ? UNKNOWN_NAME : UNKNOWN;
  const weight = Math.log((sources([...spoken.keys()]) + 1.5) / (having + 0.5)) + 0.1;
  return term.kind === 'word' ? Math.min(weight, MOST_OF_WORD) * (term.words in NAMED_SYSTEMS ? OF_SYSTEM : 1) : weight;
}

const VOCABULARIES = new Map<string, ReadonlySet<string>>();

function vocabularyOf({ id, title, asked }: Cause): ReadonlySet<string> {
  const known = VOCABULARIES.get(id) ?? new Set(wordsOf(`${title} ${asked}`).map(stem));
  VOCABULARIES.set(id, known);
  return known;
}

/** The causes that findings prove, each with its proofs: causes before general ones before symptoms, then the first in time and line. */
export function causesIn(findings: readonly Finding[]): { cause: Cause; findings: Finding[] }[] {
  const causes = [...Map.groupBy(findings, ({ cause }) => cause)].map(([cause, proofs]) => ({ cause, findings: proofs.toSorted(byPlace) }));
  return causes.toSorted((a, b) => DEPTHS[a.cause.depth] - DEPTHS[b.cause.depth] || byPlace(a.findings[0], b.findings[0]));
}

/** Earlier entries first; within one, what stands deeper: the innermost of its causes. */
const byPlace = (a: Finding | undefined, b: Finding | undefined): number => (a?.entry ?? 0) - (b?.entry ?? 0) || (b?.line ?? 0) - (a?.line ?? 0);
