// A question with what its answer must hold, for any provider.

export interface Expected {
  /** Each value of the rows is in the answer: numbers as they are, hashes by their beginning, times by their day. */
  sql?: string;
  /** Each text is in the answer. */
  includes?: readonly string[];
  /** Each call was made, with at least these arguments. */
  calls?: readonly { name: string; arguments?: Record<string, unknown> }[];
  /** None of these tools was called. */
  never?: readonly string[];
}

export interface AskedQuestion extends Expected {
  /** `{SELECT …}` stands for the one value of that statement. */
  ask: string;
  /** The repository that must be there. */
  needs?: string;
}
