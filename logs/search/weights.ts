// The weights of ranking, chosen on one half of the judged questions (test/search/judged.txt); the other half is what is reported.

/** The constant of reciprocal rank fusion: Cormack, Clarke, Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009. */
export const FUSION = 60;

export interface Weights {
  /** Of the lists that are merged: terms that are covered, FTS5's rank, templates, vectors. */
  covered: number;
  words: number;
  templates: number;
  vectors: number;
  /** Factor for a warning or worse. */
  severe: number;
  /** Factor for each hit before it that differs in numbers and ids only. */
  repeated: number;
  /** What a log's own name and system add, by the share of the question that they cover. */
  named: number;
}

export const WEIGHTS: Weights = { covered: 6, words: 2, templates: 0.25, vectors: 0.5, severe: 1.1, repeated: 0.8, named: 0.3 };
