// Which image a job runs in: the exact tag for the version that a repository asks for.
import { compareVersions } from './needs-version.ts';
import type { Images } from './templates.ts';

export interface PickedImage {
  image: string;
  /** False where no image of the version that was asked for is known. */
  fits: boolean;
}

/** The image for a version as `Stack.version` has it; the nearest later one where there is none for it. */
export function imageFor({ repository, suffix, versions, default: standard }: Images, asked: string | null): PickedImage {
  const known = Object.keys(versions).sort(compareVersions);
  const { version, fits } = pick(known, standard, asked);
  return { image: `${repository}:${versions[version] ?? ''}${suffix}`, fits };
}

function pick(known: readonly string[], standard: string, asked: string | null): { version: string; fits: boolean } {
  if (asked === null) return { version: standard, fits: true };
  const wanted = asked.replace('>=', '');
  const later = known.find((version) => compareVersions(version, wanted) >= 0);
  if (asked.startsWith('>=')) return compareVersions(standard, wanted) >= 0 ? { version: standard, fits: true } : { version: later ?? known.at(-1) ?? standard, fits: later !== undefined };
  const same = [standard, ...known.toReversed()].find((version) => isPart(version, wanted) || isPart(wanted, version));
  return same === undefined ? { version: later ?? known.at(-1) ?? standard, fits: false } : { version: same, fits: true };
}

/** `3` is part of `3.12`, and `3.12` of `3.12.4`. */
const isPart = (part: string, whole: string): boolean => whole === part || whole.startsWith(`${part}.`);
