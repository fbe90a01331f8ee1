// What a cause of failures is: what it means, what to do, and which words in a log prove it.
import type { FailureKind } from '../contract/failures.ts';

/** A command for the person; PIVO never runs one. Words in capitals are theirs to fill in. */
export interface SuggestedCommand {
  command: string;
  why: string;
}

/** What proves a cause. */
export interface Proof {
  /** Words that follow each other in every such line: what the index is asked for. */
  words: string;
  /** The line; without it the words themselves, whatever stands between them. */
  line?: RegExp;
  /** No proof for this cause where a line of the entry matches this. */
  unless?: RegExp;
}

/**
 * `cause`: what went wrong. `general`: true of several causes, named where nothing nearer is found.
 * `symptom`: what follows from a cause; never named as one while a line proves something else.
 */
export type CauseDepth = 'cause' | 'general' | 'symptom';

export interface Cause {
  id: string;
  depth: CauseDepth;
  title: string;
  meaning: string;
  toCheck: readonly string[];
  toRun: readonly SuggestedCommand[];
  /** Any one proves it. */
  proofs: readonly Proof[];
  /** Kinds of PIVO's own failures that are this cause. */
  kinds?: readonly FailureKind[];
  /** Words that people use when they ask for it, beside those of its title. */
  asked: string;
}

/** A proof by words alone, or by a line that holds them. */
export const proof = (words: string, line?: RegExp, unless?: RegExp): Proof => ({ words, ...(line === undefined ? {} : { line }), ...(unless === undefined ? {} : { unless }) });

/** A command and what it is for. */
export const run = (command: string, why: string): SuggestedCommand => ({ command, why });
