// Why reading failed: where a pack is not there or too short, that is the reason, whatever git made of it.
import { isPivoError } from '../../contract/failures.ts';
import { checkPacks, type PackLengths } from '../packs.ts';
import type { Store } from '../store.ts';

/** The failure to tell: Damaged that names the pack, with the first failure as its cause; else the failure itself. */
export type Explain = (error: unknown) => Promise<unknown>;

/** Looks at the packs' lengths, only when something failed. */
export function explainBy(store: Store, repository: string, packs: () => readonly PackLengths[]): Explain {
  return async (error) => {
    if (!isPivoError(error, 'NotFound', 'Damaged', 'GitFailed')) return error;
    return checkPacks(store, repository, packs(), error).then(() => error, (damage: unknown) => (isPivoError(damage, 'Damaged') ? damage : error));
  };
}

export async function explained<T>(explain: Explain, work: Promise<T>): Promise<T> {
  return work.catch(async (error: unknown) => {
    throw await explain(error);
  });
}

export async function* explainedEach<T>(explain: Explain, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw await explain(error);
  }
}
