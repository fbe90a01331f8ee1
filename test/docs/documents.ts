// README, CHANGELOG and everything under docs/, with the code that stands in them; and the project's own sources.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

export interface Document {
  /** Below the project's folder. */
  path: string;
  text: string;
  /** Fenced and indented blocks, line by line. */
  blocks: { language: string; lines: string[] }[];
  /** What stands between backticks in a line. */
  spans: string[];
}

/** Every document that the project brings for people. */
export async function documents(): Promise<Document[]> {
  const below = await readdir(join(ROOT, 'docs'), { recursive: true });
  const paths = ['README.md', 'CHANGELOG.md', ...below.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`).sort()];
  return Promise.all(paths.map(async (path) => parse(path, await readFile(join(ROOT, path), 'utf8'))));
}

/** Folders that no clone has. */
const MADE = new Set(['node_modules', '.git', 'build']);

/** The names of all files of the project, below its folder. */
export async function projectFiles(): Promise<string[]> {
  const top = await readdir(ROOT, { withFileTypes: true });
  const below = await Promise.all(top.filter((entry) => entry.isDirectory() && !MADE.has(entry.name)).map(async ({ name }) => (await readdir(join(ROOT, name), { recursive: true })).map((file) => `${name}/${file}`)));
  return [...top.filter((entry) => entry.isFile()).map(({ name }) => name), ...below.flat()];
}

function parse(path: string, text: string): Document {
  const blocks: Document['blocks'] = [];
  const prose: string[] = [];
  let open: Document['blocks'][number] | undefined;
  for (const line of text.split('\n')) {
    const fence = /^\s*```(.*)$/.exec(line);
    if (fence !== null) {
      if (open === undefined) blocks.push((open = { language: fence[1]?.trim() ?? '', lines: [] }));
      else open = undefined;
    } else if (open !== undefined) open.lines.push(line);
    else if (/^ {4}\S/.test(line)) blocks.push({ language: '', lines: [line.trim()] });
    else prose.push(line);
  }
  return { path, text, blocks, spans: [...prose.join('\n').matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '') };
}
