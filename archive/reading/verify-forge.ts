// Checks what was exported of a repository's forge: the chain of documents, the lines that they name, and the files of releases that these lines name.
import type { ForgeExport } from '../../contract/forge-data.ts';
import { isPivoError } from '../../contract/failures.ts';
import type { Progress } from '../../contract/ingest.ts';
import type { ReadFile } from '../../contract/verification.ts';
import { eachAtOnce } from '../at-once.ts';
import { forgeRecords, listForgeExports, readForgeExport } from '../forge-data.ts';
import { forgeAssetPath, forgeExportPath, repositoryPath } from '../layout.ts';
import { proveStream } from '../proof.ts';
import type { Store } from '../store.ts';
import { DAMAGED_HINT, type Flaw } from './findings.ts';

interface ForgeCheck {
  store: Store;
  repository: string;
  includes: (path: string) => boolean;
  onRead: (file: ReadFile) => void;
  findings: Flaw[];
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** A file that exports name, and what it must be. */
interface NamedFile {
  file: string;
  bytes: number;
  sha256: string;
  /** Who names it, in words. */
  by: string;
  hint: string;
}

/** What the exports of a repository name; `small` was read for it. */
interface NamedFiles {
  small: { file: string; bytes: number }[];
  large: NamedFile[];
}

const AT_ONCE = 4;
const ANY_WRITE = 0o222;

/** Reads every export and all that it names; returns the bytes read. A repository without exports costs one listing. */
export async function verifyForge(check: ForgeCheck): Promise<number> {
  const { store, repository, includes, onRead, findings, signal, onProgress } = check;
  const { small, large } = await namedFiles(store, repository, findings, signal);
  const told = small.filter(({ file }) => includes(file));
  for (const { file, bytes } of told) onRead({ kind: 'forge', file, bytes });
  const due = large.filter(({ file }) => includes(file));
  let [bytes, done] = [told.reduce((sum, each) => sum + each.bytes, 0), 0];
  await eachAtOnce(due, AT_ONCE, async (named, ending) => {
    onProgress({ phase: `checking forge data of ${repository}`, done, total: due.length, bytes });
    const read = await verifyFile(check, named, ending);
    bytes += read; // others add meanwhile
    done += 1;
  }, signal);
  return bytes;
}

async function verifyFile({ store, onRead, findings }: ForgeCheck, { file, bytes, sha256, by, hint }: NamedFile, signal: AbortSignal): Promise<number> {
  const add = (problem: string): unknown => findings.push({ file, problem, hint, visits: [] });
  const there = await store.stat(file);
  if (there === null) {
    add(`it is not there, and ${by} names it`);
    onRead({ kind: 'forge', file, bytes: 0 });
    return 0;
  }
  if ((there.mode & ANY_WRITE) !== 0) add(`it can be written to, its mode is ${there.mode.toString(8)}`);
  const found = await proveStream(store.open(file, undefined, signal));
  if (found.bytes !== bytes) add(`it has ${found.bytes} bytes, ${by} says ${bytes}`);
  else if (found.sha256 !== sha256) add(`its SHA-256 is ${found.sha256}, ${by} says ${sha256}`);
  onRead({ kind: 'forge', file, bytes: found.bytes });
  return found.bytes;
}

/** Files that a verification reads of a repository's exports. What those name that are damaged is not known: that is a finding. */
export async function forgeFiles(store: Store, repository: string, signal: AbortSignal): Promise<string[]> {
  const { small, large } = await namedFiles(store, repository, [], signal);
  return [...small, ...large].map(({ file }) => file);
}

/** Reads the documents and the lists of releases' files, which say what there is; what is wrong with any of them goes into `findings`. */
async function namedFiles(store: Store, repository: string, findings: Flaw[], signal: AbortSignal): Promise<NamedFiles> {
  const [small, lines, assets]: [NamedFiles['small'], NamedFile[], Map<string, NamedFile>] = [[], [], new Map()];
  for (const document of await wholeExports(store, repository, small, findings)) {
    for (const { path, bytes, sha256 } of linesFilesOf(document)) lines.push({ file: `${repositoryPath(repository)}/${path}`, bytes, sha256, by: `export ${document.export}`, hint: DAMAGED_HINT });
    for (const asset of await assetsOf(store, document, small, findings, signal)) if (!assets.has(asset.file)) assets.set(asset.file, asset);
  }
  return { small, large: [...lines, ...assets.values()] };
}

/** The files of lines, but for the list of releases' files, which is read to know these. */
const linesFilesOf = ({ files }: ForgeExport): { path: string; bytes: number; sha256: string }[] =>
  Object.entries(files).flatMap(([kind, file]) => (kind === 'release-assets' ? [] : [file]));

/** Numbers without gaps, each document as the next one knows it. */
async function wholeExports(store: Store, repository: string, read: NamedFiles['small'], findings: Flaw[]): Promise<ForgeExport[]> {
  const documents: ForgeExport[] = [];
  const hashes = new Map<number, string>();
  const add = (number: number, problem: string): unknown => findings.push({ file: forgeExportPath(repository, number), problem, hint: DAMAGED_HINT, visits: [] });
  const numbers = new Set(await listForgeExports(store, repository));
  for (let number = 1; number <= Math.max(0, ...numbers); number++) {
    const file = forgeExportPath(repository, number);
    if (!numbers.has(number)) add(number, 'it is not there, and a later export is');
    else {
      await readForgeExport(store, repository, number).then(({ document, sha256 }) => {
        hashes.set(number, sha256);
        documents.push(document);
        for (const { of, problem } of chainProblems(document, hashes)) add(of, problem);
      }, (error: unknown) => add(number, problemOf(error)));
    }
    read.push({ file, bytes: (await store.stat(file))?.bytes ?? 0 });
  }
  return documents;
}

/** What does not fit the export before; one that could not be read cannot be compared. */
function chainProblems({ export: number, previous }: ForgeExport, hashes: ReadonlyMap<number, string>): { of: number; problem: string }[] {
  if ((previous?.export ?? 0) !== number - 1) return [{ of: number, problem: `it follows export ${previous?.export ?? 'none'}, not ${number - 1}` }];
  const known = previous === null ? undefined : hashes.get(previous.export);
  return known === undefined || known === previous?.sha256 ? [] : [{ of: number - 1, problem: `it was changed: export ${number} knows its file by another SHA-256` }];
}

/** Files of releases that an export names; none where its list of them is damaged. */
async function assetsOf(store: Store, document: ForgeExport, read: NamedFiles['small'], findings: Flaw[], signal: AbortSignal): Promise<NamedFile[]> {
  const list = document.files['release-assets'];
  if (list === undefined) return [];
  const { repository } = document;
  const file = `${repositoryPath(repository)}/${list.path}`;
  const assets: NamedFile[] = [];
  read.push({ file, bytes: (await store.stat(file))?.bytes ?? 0 });
  try {
    for await (const { content, id, title } of forgeRecords(store, document, 'release-assets', signal)) {
      if (content == null) continue;
      const hint = `${DAMAGED_HINT} \`pivo forge show ${repository} release-assets\` tells of which release it is: from there it can be had as well.`;
      assets.push({ file: forgeAssetPath(repository, content.sha256), ...content, by: `export ${document.export} (file "${title ?? id}" of a release)`, hint });
    }
    return assets;
  } catch (error) {
    findings.push({ file, problem: problemOf(error), hint: DAMAGED_HINT, visits: [] });
    return [];
  }
}

/** Damage in words; every other failure is none of the file's. */
function problemOf(error: unknown): string {
  if (!isPivoError(error, 'Damaged', 'NotFound')) throw error;
  return error.message;
}
