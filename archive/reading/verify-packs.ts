// Checks packs and their indexes: length, SHA-256, and every object id by git itself.
import { isPivoError } from '../../contract/failures.ts';
import type { Progress } from '../../contract/ingest.ts';
import type { ReadFile } from '../../contract/verification.ts';
import { CHUNK_BYTES, type FileProof, type PackProof, type Visit } from '../../contract/visit.ts';
import { git } from '../../git/process.ts';
import { packPath } from '../layout.ts';
import { proveChunks, proveStream } from '../proof.ts';
import type { Store } from '../store.ts';
import { repairHint, type Flaw } from './findings.ts';

export interface PackCheck {
  store: Store;
  repository: string;
  visits: readonly Visit[];
  /** A folder of git objects of this machine that has these packs in `pack/`. */
  objects: (packs: readonly PackProof[]) => Promise<string>;
  /** Which packs to read, by their file. */
  includes: (path: string) => boolean;
  /** What others found who read the pack, by its path in the store; undefined: nobody did. */
  told?: ((pack: string) => PackProblem[] | undefined) | undefined;
  onRead: (file: ReadFile) => void;
  findings: Flaw[];
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

export interface PackProblem {
  /** Path in the store, of the pack or its index. */
  file: string;
  offset?: number | undefined;
  problem: string;
}

export interface CheckedPacks {
  packs: number;
  bytes: number;
  /** Names of packs that are not whole. */
  damaged: Set<string>;
}

/** Reads each pack and index that a visit names once. A damaged pack that a later visit replaced is no finding. */
export async function verifyPacks(check: PackCheck): Promise<CheckedPacks> {
  const named = new Map([...namedPacks(check.visits)].filter(([name]) => check.includes(packPath(check.repository, name, 'pack'))));
  const replaced = new Set(check.visits.flatMap((visit) => Object.keys(visit.replaces)));
  const damaged = new Set<string>();
  const total = [...named.values()].reduce((sum, { proof }) => sum + proof.pack.bytes + proof.idx.bytes, 0);
  let [done, bytes] = [0, 0];
  for (const [name, { proof, visits }] of named) {
    const onBytes = (count: number): void => {
      bytes += count;
      check.onProgress({ phase: `checking packs of ${check.repository}`, done, total: named.size, bytes });
    };
    const path = packPath(check.repository, name, 'pack');
    const found = check.told?.(path) ?? (await packProblems(check, proof, onBytes));
    if (found.length > 0) damaged.add(name);
    if (!replaced.has(name)) check.findings.push(...found.map((problem) => ({ ...problem, hint: repairHint(check.repository), visits })));
    check.onRead({ kind: 'pack', file: path, bytes: proof.pack.bytes });
    check.onRead({ kind: 'idx', file: packPath(check.repository, name, 'idx'), bytes: proof.idx.bytes });
    done += 1;
  }
  check.onProgress({ phase: `checking packs of ${check.repository}`, done, total: named.size, bytes: total });
  return { packs: named.size, bytes, damaged };
}

function namedPacks(visits: readonly Visit[]): Map<string, { proof: PackProof; visits: number[] }> {
  const named = new Map<string, { proof: PackProof; visits: number[] }>();
  for (const visit of visits) {
    for (const proof of visit.packs) {
      const known = named.get(proof.name);
      if (known === undefined) named.set(proof.name, { proof, visits: [visit.seq] });
      else known.visits.push(visit.seq);
    }
  }
  return named;
}

async function packProblems({ store, repository, objects, signal }: PackCheck, proof: PackProof, onBytes: (count: number) => void): Promise<PackProblem[]> {
  const [pack, idx] = [packPath(repository, proof.name, 'pack'), packPath(repository, proof.name, 'idx')];
  const counted = async function* (path: string): AsyncGenerator<Uint8Array> {
    for await (const chunk of store.open(path, undefined, signal)) {
      onBytes(chunk.length);
      yield chunk;
    }
  };
  const problems: PackProblem[] = [];
  const compare = async (file: string, read: Promise<Difference | null>): Promise<void> => {
    const found = await read.catch((error: unknown) => ({ problem: whyUnreadable(error, signal) }));
    if (found !== null) problems.push({ file, ...found });
  };
  await compare(idx, proveStream(counted(idx)).then((found) => difference(found, proof.idx)));
  await compare(pack, proveChunks(counted(pack)).then((found) => difference(found, proof.pack)));
  if (problems.length > 0) return problems;
  try {
    await idsAreRight(`${await objects([proof])}/pack/${proof.name}.pack`, proof, signal);
    return [];
  } catch (error) {
    return [{ file: isOfIndex(error) ? idx : pack, problem: whyUnreadable(error, signal) }];
  }
}

/** git read the whole pack, and its ids are not those of the index (write_idx_file in git's pack-write.c). */
const isOfIndex = (error: unknown): boolean => isPivoError(error, 'GitFailed') && /\.idx' validation error/.test(String(error.facts['stderr']));

type Difference = Omit<PackProblem, 'file'>;

/** What a file is instead of what its visit says, or null. */
function difference(found: FileProof & { chunks?: string[] }, expected: FileProof & { chunks?: string[] }): Difference | null {
  if (found.bytes === expected.bytes && found.sha256 === expected.sha256) return null;
  const bad = expected.chunks?.findIndex((sha256, i) => found.chunks?.[i] !== sha256) ?? -1;
  const where = bad === -1 ? '' : `, first at bytes ${bad * CHUNK_BYTES} to ${Math.min((bad + 1) * CHUNK_BYTES, expected.bytes)}`;
  const problem = found.bytes === expected.bytes ? `its bytes are not those that were archived${where}` : `${found.bytes} bytes, ${expected.bytes} were archived${where}`;
  return { problem, ...(bad === -1 ? {} : { offset: bad * CHUNK_BYTES }) };
}

/** Recomputes the id of every object (git-index-pack(1), --verify). Fails with GitFailed. */
async function idsAreRight(pack: string, { name }: PackProof, signal: AbortSignal): Promise<void> {
  const objectFormat = name.length === 'pack-'.length + 64 ? 'sha256' : 'sha1';
  await git(['index-pack', '--verify', `--object-format=${objectFormat}`, pack], { signal });
}

/** The finding for a file that could not be read; throws what is no finding. */
export function whyUnreadable(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (isPivoError(error)) return error.kind === 'NotFound' ? 'it is not there' : error.message;
  throw error;
}
