// Cycles in what needs what.

/** Each cycle once, as the names along it; by depth first, without recursion. */
export function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>();
  const found: string[][] = [];
  for (const start of graph.keys()) {
    const path: { name: string; left: string[] }[] = [];
    const onPath = new Set<string>();
    const enter = (name: string): void => {
      path.push({ name, left: [...(graph.get(name) ?? [])] });
      onPath.add(name);
    };
    if (!done.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.left.pop();
      if (next === undefined) {
        done.add(top.name);
        onPath.delete(top.name);
        path.pop();
      } else if (onPath.has(next)) found.push([...path.slice(path.findIndex(({ name }) => name === next)).map(({ name }) => name), next]);
      else if (!done.has(next) && graph.has(next)) enter(next);
    }
  }
  return found;
}
