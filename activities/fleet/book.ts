// All repositories of a source, page by page, as its book keeps them.
import type { SourceBook, SourceRepository, SourceState } from '../../contract/source.ts';

const PAGE = 1_000;

/** By name. Fails with Unavailable. */
export function* bookPages(book: SourceBook, source: string, state: SourceState): Generator<SourceRepository[]> {
  for (let after: string | null = null; ; ) {
    const page = book.repositories(source, after, PAGE, state);
    if (page.length === 0) return;
    yield page;
    after = page.at(-1)?.repository ?? null;
  }
}
