// Operation `cat`: the bytes of one file as of any point.
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
  description: 'Reads one file of a repository as of a point.',
  kind: 'reads',
  input: AtPoint.extend({ path: PathText.min(1) }),
  async run({ library }, { repository, point: asked, path }, { signal }): Promise<FileContent> {
    const reader = await library.reader(repository);
    const point = await findPoint(reader, asked);
    return { repository, point: shownPoint(point), ...(await reader.blob(commitOf(point, repository), path, signal)) };
  },
});
