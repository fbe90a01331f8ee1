// Operation `cat`: the bytes of one file as of any point.
import { z } from 'zod';
import { commitOf, findPoint } from '../archive/reading/points.ts';
import type { Blob } from '../archive/reading/reader.ts';
import { defineOperation } from './operation.ts';
import { AtPoint, PathText, shownPoint, type ResolvedPoint } from './point.ts';

/** `content` streams the file's bytes; doors send it as a body of its own and the rest beside it. */
export interface FileContent extends Blob {
  repository: string;
  point: ResolvedPoint;
}

export const cat = defineOperation({
  name: 'cat',
  description: 'Reads one file, or a part of it, of a repository as of a point.',
  kind: 'reads',
  input: AtPoint.extend({
    path: PathText.min(1),
    /** Byte to begin at. */
    offset: z.number().int().nonnegative().default(0),
    /** Most bytes. */
    length: z.number().int().positive().optional(),
  }),
  async run({ library }, { repository, point: asked, path, offset, length }, { signal }): Promise<FileContent> {
    const reader = await library.reader(repository);
    const point = await findPoint(reader, asked);
    const blob = await reader.blob(commitOf(point, repository), path, signal);
    const whole = offset === 0 && length === undefined;
    return { repository, point: shownPoint(point), ...blob, content: whole ? blob.content : partOf(blob.content, offset, length ?? Number.POSITIVE_INFINITY) };
  },
});

async function* partOf(content: AsyncIterable<Uint8Array>, offset: number, length: number): AsyncGenerator<Uint8Array> {
  let [skip, left] = [offset, length];
  for await (const chunk of content) {
    const part = chunk.subarray(skip, skip + left);
    skip = Math.max(0, skip - chunk.length);
    left -= part.length;
    if (part.length > 0) yield part;
    if (left === 0) return;
  }
}
