// What is found in the files of a repository: facts with the line that shows them, and what could not be looked at.

/**
 * `language`, `buildSystem`, `lockfile` and `container` are about the files themselves; `task` is a step of a pipeline, `flow` an order of steps,
 * `command` something that the repository defines for people to run.
 */
export const FACT_KINDS = ['language', 'buildSystem', 'lockfile', 'dependency', 'entryPoint', 'command', 'input', 'output', 'schedule', 'task', 'flow', 'configuration', 'test', 'container', 'service', 'port', 'ci'] as const;
export type FactKind = (typeof FACT_KINDS)[number];

export interface Fact {
  kind: FactKind;
  /** The words of the file that say it: they are in the line, except for a fact about the file as a whole. */
  name: string;
  /** What it is, in PIVO's words and the file's; never a value that looks like a secret. */
  detail: string;
  /** Path from the root, as `quotePath` writes it. */
  file: string;
  /** From 1; null for a fact about the file as a whole. */
  line: number | null;
}

/** Something that was not looked at, or not whole. */
export interface AnalysisFinding {
  problem: string;
  /** Files that it is about, the first of them. */
  files: string[];
  /** How many files it is about. */
  count: number;
}

export interface Analysis {
  facts: Fact[];
  findings: AnalysisFinding[];
  /** Files that were listed, those that were read, and their bytes. */
  listed: number;
  read: number;
  bytes: number;
}
