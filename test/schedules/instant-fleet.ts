// Workflow `fleet` of a source without repositories, for tests of what schedules start.

/** Ends at once. */
export async function fleet({ source }: { source: string }): Promise<{ source: string; counts: Record<string, number> }> {
  return { source, counts: { done: 2, unchanged: 40, failed: 0 } };
}
