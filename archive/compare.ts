// Compares what was restored with what was archived: refs, HEAD, and the set of all objects that they reach.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PivoError } from '../contract/failures.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { git, startGit } from '../git/process.ts';
import { openObjectView } from './object-view.ts';
import { headFile, packedRefs } from './snapshots.ts';

interface State {
  refs: string[];
  /** Objects that refs and HEAD reach, and a sum over their ids that does not depend on their order. */
  objects: number;
  sum: string;
}

/**
 * Fails with ProofFailed, which says what differs, unless the bare repository at `restored` has the refs, HEAD and objects of the
 * snapshot, as the packs of `objectDirectory` hold them. Returns how many refs and objects were compared.
 */
export async function compareWithArchive(restored: string, snapshot: Snapshot, packs: readonly string[], objectDirectory: string, signal: AbortSignal): Promise<{ refs: number; objects: number }> {
  await using view = await openObjectView(objectDirectory, packs, snapshot.objectFormat);
  await view.setShallow(snapshot.shallow);
  await writeFile(join(view.gitDir, 'packed-refs'), packedRefs(snapshot.refs));
  const known = snapshot.head.symref !== null || snapshot.head.oid !== null;
  if (known) {
    await writeFile(join(view.gitDir, 'HEAD'), headFile(snapshot.head));
    if (!headFile(snapshot.head).equals(await readFile(join(restored, 'HEAD')))) throw differs('HEAD is not what was archived', {});
  }
  const archived = await stateOf(view.gitDir, signal);
  const found = await stateOf(restored, signal);
  const before = new Set(archived.refs);
  const after = new Set(found.refs);
  const missing = archived.refs.filter((line) => !after.has(line));
  const strange = found.refs.filter((line) => !before.has(line));
  if (missing.length + strange.length > 0) throw differs(`${missing.length} refs are missing or other than archived, ${strange.length} are strange`, { missing: missing.slice(0, 20), strange: strange.slice(0, 20) });
  if (archived.objects !== found.objects || archived.sum !== found.sum) throw differs(`${found.objects} objects came back, ${archived.objects} are archived${archived.objects === found.objects ? ', and they are not the same' : ''}`, {});
  return { refs: archived.refs.length, objects: archived.objects };
}

const differs = (what: string, facts: Record<string, unknown>): PivoError =>
  new PivoError('ProofFailed', `what was restored is not what was archived: ${what}`, { hint: 'Run `pivo verify`; when the archive is whole, this is a fault of PIVO.', facts });

async function stateOf(gitDir: string, signal: AbortSignal): Promise<State> {
  const { stdout } = await git(['for-each-ref', '--format=%(objectname) %(objecttype) %(refname)'], { gitDir, signal });
  const refs = stdout.toString('latin1').split('\n').filter((line) => line !== '');
  return { refs, ...(await objectsOf(gitDir, signal)) };
}

const MODULUS = 2n ** 256n;

/** One `git rev-list --objects --all`, in constant memory: the sum of the SHA-256 of all ids, modulo 2^256. */
async function objectsOf(gitDir: string, signal: AbortSignal): Promise<Pick<State, 'objects' | 'sum'>> {
  const running = startGit(['rev-list', '--objects', '--no-object-names', '--all'], { gitDir, signal });
  running.stdin.end();
  let [objects, sum] = [0, 0n];
  try {
    for await (const oid of createInterface({ input: running.stdout.setEncoding('latin1') })) {
      objects += 1;
      sum = (sum + BigInt(`0x${createHash('sha256').update(oid).digest('hex')}`)) % MODULUS;
    }
    await running.done;
  } finally {
    running.kill('SIGKILL');
  }
  return { objects, sum: sum.toString(16) };
}
