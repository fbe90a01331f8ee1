// Which files belong to a part of a verification: each file to exactly one, whoever asks.
import { createHash } from 'node:crypto';
import type { Part } from '../../contract/verification.ts';

/**
 * True when the file at `path`, below its repository's folder, is in the part: the SHA-256 of `{repository}/{path}`, taken as a
 * number, leaves `part - 1` when divided by `of`. An index goes with its pack, what is in a snapshot's or checkout's folder with it.
 */
export function isInPart(repository: string, path: string, { part, of }: Part): boolean {
  const digest = createHash('sha256').update(`${repository}/${path}`).digest('hex');
  return BigInt(`0x${digest}`) % BigInt(of) === BigInt(part - 1);
}
