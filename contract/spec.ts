// `execa@v1.0`: how people name a repository at a point.

/** The point that stands for the last visit. */
export const LATEST = 'latest';

/** The point that stands for the visit that the gate lets through: the last one where nothing is held. */
export const CURRENT = 'current';

/** Splits at the first `@`, which no repository's name holds; without a point it is `latest`. */
export function parseSpec(spec: string): { repository: string; point: string } {
  const at = spec.indexOf('@');
  const point = at === -1 ? '' : spec.slice(at + 1);
  return { repository: at === -1 ? spec : spec.slice(0, at), point: point === '' ? LATEST : point };
}
