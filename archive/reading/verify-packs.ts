// Checks packs and their indexes: length, SHA-256, and every object id by git itself.
import { isPivoError } from '../../contract/failures.ts';
import type { Progress } from '../../contract/ingest.ts';
import { CHUNK_BYTES, type FileProof, type PackProof, type Visit } from '../../contract/visit.ts';
import { git } from '../../git/process.ts';
import { packPath } from '../layout.ts';
import { proveChunks, proveStream } from '../proof.ts';
import type { Store } from '../store.ts';
import { DAMAGED_HINT, type Finding } from './findings.ts';

export interface PackCheck {
  store: Store;
  repository: string;
  visits: readonly Visit[];
  /** A folder of git objects with all packs in `pack/`, on this machine. */
  objectDirectory: string;
  findings: Finding[];
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

export interface CheckedPacks {
  packs: number;
  bytes: number;
  /** Names of packs that are not whole. */
  damaged: Set<string>;
}

/** Reads each pack and index that a visit names once. A damaged pack that a later visit replaced is no finding. */
export async function verifyPacks(check: PackCheck): Promise<CheckedPacks> {
  const named = namedPacks(check.visits);
  const replaced = new Set(check.visits.flatMap((visit) => Object.keys(visit.replaces)));
  const damaged = new Set<string>();
  const total = [...named.values()].reduce((sum, { proof }) => sum + proof.pack.bytes + proof.idx.bytes, 0);
  let [done, bytes] = [0, 0];
  for (const [name, { proof, visits }] of named) {
    const onBytes = (count: number): void => {
      bytes += count;
      check.onProgress({ phase: `checking packs of ${check.repository}`, done, total: named.size, bytes });
    };
    const found = await packProblems(check, proof, onBytes);
    if (found.length > 0) damaged.add(name);
    if (!replaced.has(name)) check.findings.push(...found.map(({ file, problem }) => ({ file, problem, hint: DAMAGED_HINT, visits })));
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

interface Problem {
  file: string;
  problem: string;
}

async function packProblems({ store, repository, objectDirectory, signal }: PackCheck, proof: PackProof, onBytes: (count: number) => void): Promise<Problem[]> {
  const [pack, idx] = [packPath(repository, proof.name, 'pack'), packPath(repository, proof.name, 'idx')];
  const counted = async function* (path: string): AsyncGenerator<Uint8Array> {
    for await (const chunk of store.open(path, undefined, signal)) {
      onBytes(chunk.length);
      yield chunk;
    }
  };
  const problems: Problem[] = [];
  const compare = async (file: string, read: Promise<string | null>): Promise<void> => {
    const problem = await read.catch((error: unknown) => whyUnreadable(error, signal));
    if (problem !== null) problems.push({ file, problem });
  };
  await compare(idx, proveStream(counted(idx)).then((found) => difference(found, proof.idx)));
  await compare(pack, proveChunks(counted(pack)).then((found) => difference(found, proof.pack) ?? null));
  if (problems.length === 0) await compare(pack, idsAreRight(`${objectDirectory}/pack/${proof.name}.pack`, proof, signal));
  return problems;
}

/** What a file is instead of what its visit says, or null. */
function difference(found: FileProof & { chunks?: string[] }, expected: FileProof & { chunks?: string[] }): string | null {
  if (found.bytes === expected.bytes && found.sha256 === expected.sha256) return null;
  const bad = expected.chunks?.findIndex((sha256, i) => found.chunks?.[i] !== sha256) ?? -1;
  const where = bad === -1 ? '' : `, first at bytes ${bad * CHUNK_BYTES} to ${Math.min((bad + 1) * CHUNK_BYTES, expected.bytes)}`;
  return found.bytes === expected.bytes ? `its bytes are not those that were archived${where}` : `${found.bytes} bytes, ${expected.bytes} were archived${where}`;
}

/** Recomputes the id of every object (git-index-pack(1), --verify). */
async function idsAreRight(pack: string, { name }: PackProof, signal: AbortSignal): Promise<string | null> {
  const objectFormat = name.length === 'pack-'.length + 64 ? 'sha256' : 'sha1';
  await git(['index-pack', '--verify', `--object-format=${objectFormat}`, pack], { signal });
  return null;
}

/** The finding for a file that could not be read; throws what is no finding. */
export function whyUnreadable(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (isPivoError(error)) return error.kind === 'NotFound' ? 'it is not there' : error.message;
  throw error;
}
