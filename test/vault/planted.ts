// An origin with people planted wherever git has room for them, and a search of a home for every one of them.
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { initBare, setRefs, writeCommit, writeObject, writeTree } from '../fixtures/plumbing.ts';

/** Each of them stands in one place only. */
export const PLANTED = {
  author: ['Jane Planted', 'jane@author-planted.example'],
  committer: ['Carl Committed', 'carl@committer-planted.example'],
  signer: ['Sina Signed', 'sina@signer-planted.example'],
  helper: ['Hugo Helped', 'hugo@helper-planted.example'],
  reviewer: ['Rita Reviewed', ''],
  told: ['', 'tom@told-planted.example'],
  tagger: ['Tara Tagged', 'tara@tagger-planted.example'],
  uploaded: ['', 'ulla@uploaded-planted.example'],
  asked: ['', 'anton@asked-planted.example'],
} as const;

/** Stands in a file, which keeps the bytes that it was written with. */
export const IN_FILE = 'fred@file-planted.example';

const BODY = `Body by Jane Planted, told by ${PLANTED.told[1]}.\n\nSigned-off-by: ${PLANTED.signer[0]} <${PLANTED.signer[1]}>\nCo-authored-by: ${PLANTED.helper[0]} <${PLANTED.helper[1]}>\nReviewed-by: ${PLANTED.reviewer[0]}\n`;

/** Two commits and an annotated tag. */
export async function plantedOrigin(dir: string): Promise<{ commits: string[] }> {
  await initBare(dir);
  const [author, committer] = [PLANTED.author, PLANTED.committer].map(([name, email]) => `${name} <${email}>`) as [string, string];
  const tree = async (content: string): Promise<string> => writeTree(dir, [{ mode: '100644', name: 'package.json', oid: await writeObject(dir, 'blob', content) }]);
  const first = await writeCommit(dir, { tree: await tree(`{"name":"planted","author":"Fred Filed <${IN_FILE}>"}\n`), author: `${author} 1700000000 +0000`, committer: `${committer} 1700000001 +0000`, message: `Begin\n\n${BODY}` });
  const second = await writeCommit(dir, { tree: await tree(`{"name":"planted","version":"2.0.0","author":"Fred Filed <${IN_FILE}>"}\n`), parents: [first], author: `${author} 1700000100 +0000`, committer: `${committer} 1700000101 +0000`, message: `Go on, says ${PLANTED.told[1]}\n` });
  const [name, email] = PLANTED.tagger;
  const tag = await writeObject(dir, 'tag', `object ${second}\ntype commit\ntag v1\ntagger ${name} <${email}> 1700000200 +0000\n\nTagged by ${name} <${email}>\n`);
  await setRefs(dir, [['refs/heads/main', second], ['refs/tags/v1', tag]]);
  return { commits: [first, second] };
}

/** Folders that hold git's own bytes, as docs/vault.md says: packs and checkouts, what was restored, git's caches; the vault; and what a person wrote. */
const ORIGINALS = [/^vault\.(db|key)$/, /^config\.toml$/, /^archive\/backups\/[^/]+\/(objects|[0-9a-f]{40})(\/|$)/, /^archive\/restores\//, /^cache\/[^/]+\/(.*\.git|objects|pack)(\/|$)/];

const words: string[] = Object.values(PLANTED).flat().filter((word) => word !== '');

/** `{file}: {word}` for every planted word in a file of the home that may not have it; case does not matter. */
export async function findPlanted(home: string, wanted: readonly string[] = [...words, IN_FILE]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(home, path);
    if (!entry.isFile() || ORIGINALS.some((pattern) => pattern.test(name))) continue;
    const bytes = (await readFile(path)).toString('latin1').toLowerCase();
    for (const word of wanted) if (bytes.includes(word.toLowerCase())) found.push(`${name}: ${word}`);
  }
  return found;
}
