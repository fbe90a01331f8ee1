// Lines of a stream of bytes.

/** Longest line that is read: plans of queries are the longest events, some megabytes. */
const LONGEST_LINE = 32 * 2 ** 20;

/** The lines of a stream, as many at once as a chunk ends. A last line without an end is given too; one that is too long is null. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<(string | null)[]> {
  let [parts, length]: [Buffer[], number] = [[], 0];
  const take = (): string | null => {
    const line = length > LONGEST_LINE ? null : Buffer.concat(parts).toString('utf8');
    [parts, length] = [[], 0];
    return line;
  };
  const keep = (part: Buffer): void => {
    length += part.length;
    if (length <= LONGEST_LINE) parts.push(part);
    else parts = [];
  };
  for await (const chunk of bytes) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: (string | null)[] = [];
    let from = 0;
    for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10, from)) {
      if (length === 0) lines.push(buffer.toString('utf8', from, end));
      else {
        keep(buffer.subarray(from, end));
        lines.push(take());
      }
      from = end + 1;
    }
    if (from < buffer.length) keep(Buffer.from(buffer.subarray(from)));
    if (lines.length > 0) yield lines;
  }
  if (length > 0) yield [take()];
}
