// What a reader of one kind of file is, and how it tells facts.
import type { Fact, FactKind } from '../contract/analysis.ts';
import { looksSecret } from './secrets.ts';
import type { Source } from './source.ts';

export interface FileReader {
  /** True for files that it reads, by their path in lower case and their name. */
  reads(path: string, name: string): boolean;
  /** Facts of a file. May throw for a file that is not what its name says: that is a finding then. */
  read(source: Source): Fact[];
}

/** Most characters of a name; what follows is left out, so that the name still stands in its line. */
const LONGEST_NAME = 160;

/** Collects the facts of one file: a fact whose words are not in its line, or may be a secret, is not told. */
export class Facts {
  readonly list: Fact[] = [];
  readonly #source: Source;
  readonly #seen = new Set<string>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** `name` as it is written in line `line` (from 1). */
  add(kind: FactKind, name: string, detail: string, line: number): void {
    const shown = (name.split('\n')[0] ?? '').trim().slice(0, LONGEST_NAME);
    if (shown === '' || looksSecret(shown) || this.#source.lines[line - 1]?.includes(shown) !== true) return;
    this.#keep({ kind, name: shown, detail: withoutSecrets(detail), file: this.#source.path, line });
  }

  /** A fact about the file as a whole. */
  addFile(kind: FactKind, name: string, detail: string): void {
    this.#keep({ kind, name, detail: withoutSecrets(detail), file: this.#source.path, line: null });
  }

  #keep(fact: Fact): void {
    const key = `${fact.kind}\0${fact.name}\0${fact.line}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.list.push(fact);
  }
}

/** Said of the first of several things of a file. */
export const firstOf = (count: number, what: string): string => (count === 1 ? `the only ${what} of its file` : `the first of ${count} ${what}s of its file`);

/** Words that may be secrets become `…`; the text is one line. */
const withoutSecrets = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().split(' ').map((word) => (looksSecret(word) ? '…' : word)).join(' ').slice(0, 400);
