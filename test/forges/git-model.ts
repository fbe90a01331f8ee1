// A git repository in memory with git's own ids: what the fake forges keep.
import { createHash } from 'node:crypto';

export interface TreeEntry {
  mode: string;
  type: 'blob' | 'tree' | 'commit';
  sha: string;
}

export interface ModelCommit {
  tree: string;
  parents: string[];
  message: string;
  /** Seconds since 1970. */
  time: number;
}

export interface ChangedFile {
  path: string;
  content: string | Uint8Array;
  mode?: string;
}

const idOf = (type: string, bytes: Uint8Array): string => createHash('sha1').update(`${type} ${bytes.length}\0`).update(bytes).digest('hex');

export class GitModel {
  readonly blobs = new Map<string, Buffer>();
  readonly trees = new Map<string, Map<string, TreeEntry>>();
  readonly commits = new Map<string, ModelCommit>();
  readonly branches = new Map<string, string>();
  readonly protectedBranches = new Set<string>();
  #time = 1_700_000_000;

  blob(content: string | Uint8Array): string {
    const bytes = Buffer.from(content);
    const id = idOf('blob', bytes);
    this.blobs.set(id, bytes);
    return id;
  }

  tree(entries: Map<string, TreeEntry>): string {
    const key = ([name, { type }]: [string, TreeEntry]): Buffer => Buffer.from(type === 'tree' ? `${name}/` : name);
    const sorted = [...entries].sort((one, other) => Buffer.compare(key(one), key(other)));
    const bytes = Buffer.concat(sorted.flatMap(([name, { mode, sha }]) => [Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`), Buffer.from(sha, 'hex')]));
    const id = idOf('tree', bytes);
    this.trees.set(id, new Map(sorted));
    return id;
  }

  /** A new commit; a later one than all before it, so that no two are the same. */
  commit(tree: string, parents: string[], message: string): string {
    const time = this.#time++;
    const who = `Ada Lovelace <ada@example.com> ${time} +0000`;
    const id = idOf('commit', Buffer.from([`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${who}`, `committer ${who}`, '', message].join('\n')));
    this.commits.set(id, { tree, parents, message, time });
    return id;
  }

  /** The tree of `base` with the files in it. */
  treeWith(base: string | null, files: readonly ChangedFile[]): string {
    const entries = new Map(base === null ? [] : this.trees.get(base));
    const inside = Map.groupBy(files.filter(({ path }) => path.includes('/')), ({ path }) => path.slice(0, path.indexOf('/')));
    for (const { path, content, mode = '100644' } of files.filter(({ path }) => !path.includes('/'))) entries.set(path, { mode, type: 'blob', sha: this.blob(content) });
    for (const [name, below] of inside) {
      const before = entries.get(name);
      const sha = this.treeWith(before?.type === 'tree' ? before.sha : null, below.map((file) => ({ ...file, path: file.path.slice(name.length + 1) })));
      entries.set(name, { mode: '040000', type: 'tree', sha });
    }
    return this.tree(entries);
  }

  /** Commits files on a branch, which begins at its head or anew. */
  push(branch: string, message: string, files: readonly ChangedFile[]): string {
    const head = this.branches.get(branch);
    const id = this.commit(this.treeWith(head === undefined ? null : this.at(head).tree, files), head === undefined ? [] : [head], message);
    this.branches.set(branch, id);
    return id;
  }

  at(commit: string): ModelCommit {
    const found = this.commits.get(commit);
    if (found === undefined) throw new Error(`no commit ${commit}`);
    return found;
  }

  /** A branch's or a commit's id; undefined where there is none. */
  resolve(ref: string): string | undefined {
    return this.branches.get(ref) ?? (this.commits.has(ref) ? ref : undefined);
  }

  entry(commit: string, path: string): TreeEntry | undefined {
    let entry: TreeEntry | undefined = { mode: '040000', type: 'tree', sha: this.at(commit).tree };
    for (const name of path.split('/')) entry = entry?.type === 'tree' ? this.trees.get(entry.sha)?.get(name) : undefined;
    return entry;
  }

  text(commit: string, path: string): string | undefined {
    const entry = this.entry(commit, path);
    return entry === undefined ? undefined : this.blobs.get(entry.sha)?.toString('utf8');
  }

  /** Paths of all files of a commit, with their entries. */
  files(commit: string): Map<string, TreeEntry> {
    const found = new Map<string, TreeEntry>();
    const walk = (tree: string, folder: string): void => {
      for (const [name, entry] of this.trees.get(tree) ?? []) {
        if (entry.type === 'tree') walk(entry.sha, `${folder}${name}/`);
        else found.set(`${folder}${name}`, entry);
      }
    };
    walk(this.at(commit).tree, '');
    return found;
  }

  /** Paths that differ between two commits. */
  changed(commit: string, parent: string): string[] {
    const [now, before] = [this.files(commit), this.files(parent)];
    return [...new Set([...now.keys(), ...before.keys()])].filter((path) => now.get(path)?.sha !== before.get(path)?.sha).sort();
  }

  /** The last commit before or at `commit` that changed a path. */
  lastChange(commit: string, path: string): string {
    const [parent] = this.at(commit).parents;
    return parent === undefined || this.entry(parent, path)?.sha !== this.entry(commit, path)?.sha ? commit : this.lastChange(parent, path);
  }

  isAncestor(ancestor: string, commit: string): boolean {
    return commit === ancestor || this.at(commit).parents.some((parent) => this.isAncestor(ancestor, parent));
  }
}
