// What git's checks say of the objects that a fetch brought: findings to record, never a reason to refuse a backup.
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { openObjectView } from '../archive/object-view.ts';
import { isPivoError } from '../contract/failures.ts';
import type { ObjectFormat } from '../contract/snapshot.ts';
import type { FsckFinding } from '../contract/visit.ts';
import { checkObjects } from '../git/cat-file.ts';
import { git, startGit } from '../git/process.ts';

export interface FsckInput {
  /** A repository that has all objects, those of earlier fetches as well. */
  gitDir: string;
  /** Names of the packs to check, in its `objects/pack`. */
  packs: readonly string[];
  objectFormat: ObjectFormat;
  signal: AbortSignal;
}

/** Past this the check ends; what it found until then is recorded, with a note. */
const MOST_SECONDS = 600;
/** Characters of a message that are kept; it can hold a name out of the repository. */
const MESSAGE_LENGTH = 300;

/**
 * Checks the commits, trees and tags of the packs, and those blobs that git parses (`.gitmodules`, `.gitattributes`): all other
 * blobs are bytes, whose ids the fetch verified. Streams; git holds some hundred bytes an object. What goes wrong
 * with the check itself is a finding too (`notChecked`). Fails with Cancelled only.
 */
export async function fsckPacks({ gitDir, packs, objectFormat, signal }: FsckInput): Promise<FsckFinding[]> {
  if (packs.length === 0) return [];
  const within = AbortSignal.any([signal, AbortSignal.timeout(MOST_SECONDS * 1000)]);
  let findings = new Findings();
  try {
    await using brought = await openObjectView(join(gitDir, 'objects'), packs, objectFormat);
    const check = async (parsed: readonly string[]): Promise<void> => {
      await using chosen = await openObjectView(gitDir, [], objectFormat);
      await packInto(chosen.gitDir, gitDir, allButBlobs(brought.gitDir, parsed, within), within);
      await runFsck(chosen.gitDir, (findings = new Findings()), within);
    };
    await check([]);
    const parsed = await thoseThere(gitDir, findings.unread(), within);
    if (parsed.length > 0) await check(parsed);
    return findings.all();
  } catch (error) {
    signal.throwIfAborted();
    if (!isPivoError(error)) throw error;
    const why = within.aborted ? `the check was ended after ${MOST_SECONDS} seconds` : error.message.slice(0, MESSAGE_LENGTH);
    return [...findings.all(), { id: 'notChecked', severity: 'warning', count: 1, message: why }];
  }
}

/** Findings of earlier packs and of new ones, as one list. */
export function addFindings(before: readonly FsckFinding[], found: readonly FsckFinding[]): FsckFinding[] {
  const all = new Map(before.map((finding) => [finding.id, finding]));
  for (const finding of found) {
    const known = all.get(finding.id);
    all.set(finding.id, known === undefined ? finding : { ...known, count: known.count + finding.count });
  }
  return [...all.values()];
}

/** Ids of the commits, trees and tags of a repository, and then these others, one a line. */
async function* allButBlobs(gitDir: string, others: readonly string[], signal: AbortSignal): AsyncGenerator<string> {
  const listing = startGit(['cat-file', '--batch-all-objects', '--unordered', '--buffer', '--batch-check=%(objecttype) %(objectname)'], { gitDir, signal });
  listing.stdin.end();
  for await (const line of createInterface({ input: listing.stdout.setEncoding('latin1') })) {
    if (!line.startsWith('blob ')) yield `${line.slice(line.indexOf(' ') + 1)}\n`;
  }
  await listing.done;
  for (const oid of others) yield `${oid}\n`;
}

/** Adds a pack of these objects of `from` to the repository `to`, blobs last; deltas are taken over as they are. */
async function packInto(to: string, from: string, input: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  await git(['pack-objects', '--quiet', '--delta-base-offset', '--window=0', join(to, 'objects', 'pack', 'pack')], { gitDir: from, input, signal });
}

/** Those objects that are there: git asked for them because it saw only a part of all. */
async function thoseThere(gitDir: string, oids: string[], signal: AbortSignal): Promise<string[]> {
  if (oids.length === 0) return [];
  return (await checkObjects(gitDir, oids, signal)).flatMap((object) => (object === null ? [] : [object.oid]));
}

/** git ends with a bit mask of what it found (git-fsck(1), below 16); anything else is a failure of its own. */
async function runFsck(gitDir: string, findings: Findings, signal: AbortSignal): Promise<void> {
  const running = startGit(['fsck', '--no-dangling', '--no-progress'], { gitDir, signal, onStderr: (line) => findings.take(line) });
  running.stdin.end();
  running.stdout.resume();
  try {
    await running.done;
  } catch (error) {
    const code = isPivoError(error, 'GitFailed') ? error.facts['code'] : null;
    if (typeof code !== 'number' || code >= 16) throw error;
  }
}

/** `error in tree 1a2b…: hasDot: contains '.'` */
const NAMED = /^(error|warning) in [a-z]+ ([0-9a-f]{40,64}): ([A-Za-z0-9]+): (.*)$/;
/** `error: 1a2b…: object corrupt or missing`, `error in tree 1a2b…: broken links` */
const UNREADABLE = /^error(?: in [a-z]+|:) ([0-9a-f]{40,64}): (.*)$/;
/** git asks for these blobs by name and needs their content. */
const UNREAD = ['gitmodulesMissing', 'gitattributesMissing'];

/** Counts what git says, line by line, by message id. */
class Findings {
  readonly #found = new Map<string, FsckFinding>();
  readonly #unread = new Set<string>();

  take(line: string): void {
    const [, severity, oid = '', id = '', message = ''] = NAMED.exec(line) ?? [];
    if (severity !== undefined) {
      this.#add({ id, severity: severity as FsckFinding['severity'], count: 1, oid, message: message.slice(0, MESSAGE_LENGTH) });
      if (UNREAD.includes(id)) this.#unread.add(oid);
      return;
    }
    const [, object, said = ''] = UNREADABLE.exec(line) ?? [];
    if (object !== undefined) this.#add({ id: 'unreadable', severity: 'error', count: 1, oid: object, message: said.slice(0, MESSAGE_LENGTH) });
  }

  #add(finding: FsckFinding): void {
    const known = this.#found.get(finding.id);
    if (known === undefined) this.#found.set(finding.id, finding);
    else known.count += 1;
  }

  /** Blobs that git would have parsed. */
  unread(): string[] {
    return [...this.#unread];
  }

  all(): FsckFinding[] {
    return [...this.#found.values()];
  }
}
