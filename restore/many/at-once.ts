// Does the same to many things, a bounded number of them at a time.

/** What `act` gives for each item, in their order. The first failure ends it: no further item is begun, and those that run are waited for. */
export async function atOnce<Item, Result>(limit: number, items: readonly Item[], act: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const entries = items.entries();
  const work = async (): Promise<void> => {
    for (const [i, item] of entries) {
      if (failures.length > 0) return;
      try {
        results[i] = await act(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (failures.length > 0) throw failures[0];
  return results;
}
