// One question to the log index: the cause that lines prove, what else they prove, and what is missing.
import type Database from 'better-sqlite3';
import type { DebugConfidence } from '../contract/diagnosis.ts';
import type { Cause } from './cause.ts';
import { episodesFor, type Episode, type Scope } from './episodes.ts';
import type { Finding } from './proofs.ts';
import { causesIn, rank, type Ranked } from './rank.ts';
import { subjectOf, type Term } from './subject.ts';

export interface Found {
  cause: Cause | null;
  confidence: DebugConfidence;
  /** Proofs of the cause, the best first. */
  proofs: readonly Finding[];
  /** What else the same episode says, in order. */
  followed: readonly Finding[];
  /** Causes of other episodes, the next first. */
  others: readonly Ranked[];
  /** The log that speaks most of what was asked; null where none does. */
  nearest: Episode | null;
}

/** What an index without any log gives. */
export const NOTHING_FOUND: Found = { cause: null, confidence: 'none', proofs: [], followed: [], others: [], nearest: null };

/** Share of a question that log and cause must speak of together. */
const ENOUGH = 0.5;
/** Share that they must speak of without words that only name a system: "backup" alone fits every backup. */
const LEAST_TOLD = 0.3;
const MOST_OTHERS = 3;

/** `question`: without its words for a time. */
export function findCause(db: Database.Database, question: string, scope: Scope): Found {
  const subject = subjectOf(question);
  const words = subject.filter(({ kind }) => kind !== 'path').map((term) => term.words).join(' ');
  const ranked = rank(db, subject, episodesFor(db, words, scope));
  const chosen = choose(ranked, subject, scope);
  const nearest = ranked.find(({ covered }) => covered > 0)?.episode ?? null;
  if (chosen === undefined) return { ...NOTHING_FOUND, nearest };
  const best = rootOf(chosen);
  const followed = chosen.episode.findings.filter(({ cause }) => cause !== best.cause);
  const others = ranked.filter(({ cause, episode, covered }) => cause !== null && cause !== best.cause && cause.depth !== 'symptom' && episode !== chosen.episode && covered >= ENOUGH);
  return { cause: best.cause, confidence: confidenceOf(best.cause, chosen, others), proofs: best.findings, followed, others: distinct(others).slice(0, MOST_OTHERS), nearest: chosen.episode };
}

type Proven = Ranked & { cause: Cause };

/** The first; none where the logs hardly speak of what was asked, or where one that proves nothing speaks of it most. */
function choose(ranked: readonly Ranked[], subject: readonly Term[], { source, run }: Scope): Proven | undefined {
  const best = ranked.find((each): each is Proven => each.cause !== null);
  if (best === undefined || subject.length === 0 || source !== undefined || run !== undefined) return best;
  if (best.covered < ENOUGH || best.told < LEAST_TOLD) return undefined;
  const silent = ranked.find(({ episode }) => episode.findings.length === 0);
  return silent !== undefined && silent.score > best.score ? undefined : best;
}

/** The cause of the chosen episode that comes before what was asked for: a symptom that was asked for is explained by its cause. */
function rootOf(chosen: Proven): { cause: Cause; findings: readonly Finding[] } {
  return chosen.cause.depth === 'cause' ? chosen : (causesIn(chosen.episode.findings)[0] ?? chosen);
}

function confidenceOf(cause: Cause, chosen: Proven, others: readonly Ranked[]): DebugConfidence {
  if (cause.depth === 'symptom') return 'symptom';
  const hasRival = others.some(({ score }) => score > chosen.score - 0.1) || causesIn(chosen.episode.findings).some((each) => each.cause !== cause && each.cause.depth === 'cause');
  return hasRival || cause.depth === 'general' ? 'likely' : 'proven';
}

/** The first of each cause. */
const distinct = (ranked: readonly Ranked[]): Ranked[] => [...new Map(ranked.toReversed().map((each) => [each.cause?.id, each])).values()].toReversed();
