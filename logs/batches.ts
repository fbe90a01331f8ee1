// Gathers the entries of a source into batches, each with the position behind its last entry.
import type { LogEntry } from '../contract/logs.ts';
import type { EntryReader, Format } from './formats/format.ts';
import { closesPrivateKey, opensPrivateKey } from './redact.ts';
import type { Position } from './writer.ts';

/** Entries and characters of one batch: large enough to be fast, small enough that another writer waits for moments only. */
const BATCH_ENTRIES = 8_192;
const BATCH_CHARACTERS = 8 * 2 ** 20;

export type StoreBatch = (entries: LogEntry[], position: Position) => void;

/** Told the lines of a source in order, from its position on. */
export class EntryBatches {
  readonly #reader: EntryReader;
  readonly #store: StoreBatch;
  #entries: LogEntry[] = [];
  #characters = 0;
  #number: number;
  /** Bytes in front of the next line, of the entry that is open, and of what is not stored. */
  #offset: number;
  #openOffset: number;
  #stored: number;
  #inKey = false;

  constructor(format: Format, from: Position, store: StoreBatch) {
    this.#offset = this.#openOffset = this.#stored = from.offset;
    this.#number = from.offset === 0 ? 1 : from.lines + 1;
    this.#store = store;
    this.#reader = format.reader((entry) => this.#take(entry), this.#number);
  }

  get unsettled(): boolean {
    return this.#offset !== this.#stored;
  }

  line(text: string, bytes: number): void {
    this.#reader.line(this.#withoutKey(text), this.#number);
    if (this.#reader.openLine === this.#number) this.#openOffset = this.#offset;
    this.#number += 1;
    this.#offset += bytes;
    if (this.#entries.length >= BATCH_ENTRIES || this.#characters >= BATCH_CHARACTERS) this.flush();
  }

  /** Stores the entries that are complete. A reader that cannot begin in the middle starts over, and what is stored of it is left out then. */
  flush(): void {
    if (this.#entries.length === 0) return;
    const { openLine } = this.#reader;
    const last = this.#entries.at(-1);
    const position = openLine === 1 && last !== undefined ? { offset: 0, lines: last.line + last.lines - 1 } : { offset: openLine === this.#number ? this.#offset : this.#openOffset, lines: openLine - 1 };
    this.#give(this.#store, position);
  }

  /** Stores everything: no line follows. */
  end(store: StoreBatch = this.#store): void {
    this.#reader.end();
    this.#give(store, { offset: this.#offset, lines: this.#number - 1 });
  }

  /** Takes the last entry for complete, where it is not stored yet: for a while no line followed. */
  settle(): void {
    if (this.unsettled) this.end();
  }

  #give(store: StoreBatch, position: Position): void {
    const entries = this.#entries;
    [this.#entries, this.#characters] = [[], 0];
    store(entries, position);
    this.#stored = position.offset;
  }

  #take(entry: LogEntry): void {
    this.#entries.push(entry);
    this.#characters += entry.text.length + (entry.exception?.length ?? 0);
  }

  /** The lines of a private key are never kept; those after its first belong to its entry. */
  #withoutKey(text: string): string {
    if (this.#inKey) {
      this.#inKey = !closesPrivateKey(text);
      return '\tat [hidden]';
    }
    this.#inKey = opensPrivateKey(text);
    return this.#inKey ? `${text.slice(0, text.indexOf('-----BEGIN'))}[hidden] private key` : text;
  }
}
