// Reads what may be a Git LFS pointer file.
import type { LfsPointer } from '../contract/lfs.ts';

/** A pointer is shorter than this (git-lfs specification, "The Pointer"); what is longer is content. */
export const POINTER_BYTES = 1024;
/** The shortest that any version of git-lfs wrote: with the oldest version line, a size of one digit and no last line break. */
export const SHORTEST_POINTER = 'version http://git-media.io/v/2\noid sha256:\nsize 0'.length + 64;

/** The version of the specification, and the names that it had before git-lfs was called so. */
const VERSIONS: readonly string[] = ['https://git-lfs.github.com/spec/v1', 'https://hawser.github.com/spec/v1', 'http://git-media.io/v/2'];

/**
 * What a file says if it is a pointer, else null. As git-lfs reads it (docs/spec.md, "The Pointer"; lfs/pointer.go): lines
 * `key SP value`, `version` first, extensions (`ext-{0-9}-{name} {method}:{oid}`) in ascending priority before `oid`, then `size`.
 * An empty file means an empty file, not a pointer.
 */
export function parsePointer(content: Uint8Array): LfsPointer | null {
  if (content.length < SHORTEST_POINTER || content.length >= POINTER_BYTES) return null;
  const lines = Buffer.from(content).toString('latin1').trim().split('\n').map((line) => line.replace(/\r$/, ''));
  const [version, ...rest] = lines;
  if (version?.startsWith('version ') !== true || !VERSIONS.includes(version.slice('version '.length))) return null;
  const extensions = rest.slice(0, -2);
  if (!areExtensions(extensions)) return null;
  const oid = /^oid sha256:([0-9a-f]{64})$/.exec(rest.at(-2) ?? '')?.[1];
  const size = /^size ([0-9]{1,16})$/.exec(rest.at(-1) ?? '')?.[1];
  if (oid === undefined || size === undefined || !Number.isSafeInteger(Number(size))) return null;
  return { oid, size: Number(size) };
}

/** Each priority once; keys are sorted, so they ascend. */
function areExtensions(lines: readonly string[]): boolean {
  const priorities = lines.map((line) => /^ext-([0-9])-\S+ sha256:[0-9a-f]{64}$/.exec(line)?.[1]);
  return priorities.every((priority, i) => priority !== undefined && (i === 0 || priority > (priorities[i - 1] ?? '')));
}
