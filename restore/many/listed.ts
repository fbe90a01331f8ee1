// The names that the repositories of a source have in the archive.
import { PivoError } from '../../contract/failures.ts';
import type { SourceBook } from '../../contract/source.ts';

/** Repositories that are read at once. */
const A_PAGE = 1000;

/** Also of those that the forge has no more: they were backed up. Fails with NotFound for an unknown source, and InvalidInput where no book is at hand. */
export function namesListedBy(book: Pick<SourceBook, 'source' | 'repositories'> | undefined, source: string): ReadonlySet<string> {
  if (book === undefined) throw new PivoError('InvalidInput', 'this worker knows no sources', { hint: 'Restore by name: `--all --only "OWNER.*"`.' });
  if (book.source(source) === null) throw new PivoError('NotFound', `there is no source "${source}"`, { hint: '`pivo source list` shows those of this home; where it was lost with the home, restore by name: `--all --only "OWNER.*"`.' });
  const names = new Set<string>();
  for (let after: string | null = null; ; ) {
    const page = book.repositories(source, after, A_PAGE);
    for (const { repository } of page) names.add(repository);
    after = page.at(-1)?.repository ?? null;
    if (after === null) return names;
  }
}
