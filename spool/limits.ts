// How large the parts of a segment may be: the same for who writes one and who reads it.
const MiB = 2 ** 20;

export const LIMITS = {
  /** Bytes of a frame's body. */
  frame: MiB,
  /** Bytes of a segment, unpacked, and of its file. */
  segment: 64 * MiB,
  /** Arrays and maps within each other, the body's own array being the first. */
  nesting: 32,
  /** Members of one map. */
  map: 4_096,
  /** Elements of one array. */
  array: 65_536,
} as const;
