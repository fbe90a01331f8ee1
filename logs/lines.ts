// Cuts bytes into lines, however long they are, with the bytes that each one takes.

/** Bytes of a line that are kept. */
const MAX_LINE = 2 ** 20;

const NEWLINE = 10;
const RETURN = 13;

/** Told pieces of a content in order; gives its lines, each with its bytes and newline. Memory is bounded by the longest kept line. */
export class LineCutter {
  readonly #onLine: (text: string, bytes: number) => void;
  #parts: Buffer[] = [];
  #kept = 0;
  #bytes = 0;

  constructor(onLine: (text: string, bytes: number) => void) {
    this.#onLine = onLine;
  }

  /** True while a line is not whole. */
  get holding(): boolean {
    return this.#bytes > 0;
  }

  add(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#bytes === 0 && end - start <= MAX_LINE) this.#onLine(textOf(chunk, start, end), end - start + 1);
      else {
        this.#hold(chunk.subarray(start, end));
        this.#give(1);
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
  }

  /** Gives what stands behind the last newline. */
  end(): void {
    if (this.#bytes > 0) this.#give(0);
  }

  /** A copy, since a stream's chunk is large and the rest of a line is small. */
  #hold(bytes: Buffer): void {
    this.#bytes += bytes.length;
    const room = MAX_LINE - this.#kept;
    if (room <= 0) return;
    const part = Buffer.from(bytes.subarray(0, room));
    this.#parts.push(part);
    this.#kept += part.length;
  }

  #give(newline: 0 | 1): void {
    const all = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    const missing = this.#bytes - this.#kept;
    const text = textOf(all, 0, all.length) + (missing === 0 ? '' : ` … [cut: ${missing} bytes]`);
    const bytes = this.#bytes + newline;
    [this.#parts, this.#kept, this.#bytes] = [[], 0, 0];
    this.#onLine(text, bytes);
  }
}

/** Without the carriage return, a byte order mark and terminal colours. */
function textOf(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end > start && bytes[end - 1] === RETURN ? end - 1 : end);
  if (text.charCodeAt(0) === 0xfeff) return text.slice(1);
  // oxlint-disable-next-line no-control-regex
  return text.includes('\u001B') ? text.replaceAll(/\u001B\[[0-9;]*m/g, '') : text;
}
