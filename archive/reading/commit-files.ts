// The files of a commit as the analysis takes them: a listing, and blobs read through the git process that the library keeps.
import type { AnalysisFinding } from '../../contract/analysis.ts';
import { PivoError } from '../../contract/failures.ts';
import type { RepositoryReader } from './reader.ts';

/** Entries that are listed. */
const MOST_ENTRIES = 100_000;

interface ListedFile {
  /** As `quotePath` writes it. */
  path: string;
  bytes: number;
}

export interface CommitFiles {
  files: ListedFile[];
  /** Paths of symbolic links and submodules. */
  others: string[];
  findings: AnalysisFinding[];
  read(file: ListedFile): Promise<Buffer | null>;
}

/** Files at or below a path; symbolic links and submodules are none. Fails with NotFound. */
export async function filesOf(reader: RepositoryReader, commit: string, path: string, signal: AbortSignal): Promise<CommitFiles> {
  const files: ListedFile[] = [];
  const ids = new Map<string, string>();
  const submodules: string[] = [];
  const links: string[] = [];
  let listed = 0;
  for await (const entry of reader.tree(commit, path, { recursive: true })) {
    signal.throwIfAborted();
    if (++listed > MOST_ENTRIES) break;
    if (entry.type === 'commit') submodules.push(entry.path);
    else if (entry.mode === '120000') links.push(entry.path);
    else {
      files.push({ path: entry.path, bytes: entry.size ?? 0 });
      ids.set(entry.path, entry.oid);
    }
  }
  const findings: AnalysisFinding[] = [];
  if (listed > MOST_ENTRIES) findings.push({ problem: `only the first ${MOST_ENTRIES} files were listed; ask for a folder`, files: [], count: listed - MOST_ENTRIES });
  if (submodules.length > 0) findings.push({ problem: 'not read: a submodule is a repository of its own', files: submodules.slice(0, 20), count: submodules.length });
  return {
    files,
    others: [...links, ...submodules],
    findings,
    async read({ path }) {
      const oid = ids.get(path);
      if (oid === undefined) throw new PivoError('Internal', `${path} is not one of the listed files`);
      return (await reader.objects.read(oid))?.content ?? null;
    },
  };
}
