// Cuts a stream of bytes into lines at LF alone: texts of forges hold every other kind of line end.

/** Each line without its LF; what follows the last LF is a line only where there is something. */
export async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Uint8Array[] = [];
  for await (const piece of content) {
    let begin = 0;
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, begin)) {
      yield Buffer.concat([...rest, piece.subarray(begin, end)]);
      rest = [];
      begin = end + 1;
    }
    if (begin < piece.length) rest.push(piece.subarray(begin));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}
