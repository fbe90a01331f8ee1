// What documents name exists: links, addresses of REST, settings, variables, files, scripts, workflows, tools.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tools } from '../../agent/tools/index.ts';
import { ROUTES } from '../../apps/server/rest/routes.ts';
import { loadConfig } from '../../config.ts';
import { WORKFLOW } from '../../contract/names.ts';
import { documents, projectFiles, ROOT, type Document } from './documents.ts';

let all: Document[] = [];
let files: string[] = [];
beforeAll(async () => {
  all = await documents();
  files = await projectFiles();
});

/** What `find` finds in each document and `exists` does not know, with the document's path. */
const unknown = (find: (document: Document) => string[], exists: (name: string, document: Document) => boolean): string[] =>
  all.flatMap((document) => [...new Set(find(document))].filter((name) => !exists(name, document)).map((name) => `${document.path}: ${name}`));
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? match[0]);

describe('a link', () => {
  const links = ({ text }: Document): string[] => matches(text.replaceAll(/```[\s\S]*?```/g, ''), /\]\(([^)\s]+)\)/g).filter((link) => !/^https?:/.test(link));
  /** As GitHub makes it of a heading. */
  const anchors = (text: string): string[] => matches(text, /^#+ (.*)$/gm).map((heading) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));

  it('leads to a file or a heading that is there', async () => {
    const target = (link: string, { path }: Document): string => (link.startsWith('#') ? path : normalize(join(dirname(path), link.split('#')[0] ?? '')));
    expect(unknown(links, (link, document) => existsSync(join(ROOT, target(link, document))))).toEqual([]);
    const heading = (link: string, document: Document): boolean => anchors(all.find(({ path }) => path === target(link, document))?.text ?? '').includes(link.split('#')[1] ?? '');
    expect(unknown((document) => links(document).filter((link) => link.includes('#')), heading)).toEqual([]);
  });

  it('leads to every page, beginning at the README', () => {
    const reached = new Set(['README.md']);
    for (const path of reached) links(all.find((each) => each.path === path) ?? { path, text: '', blocks: [], spans: [] }).forEach((link) => reached.add(normalize(join(dirname(path), link.split('#')[0] ?? ''))));
    expect(all.map(({ path }) => path).filter((path) => !reached.has(path) && !path.startsWith('docs/decisions/'))).toEqual([]);
  });
});

it('an address of REST is one', () => {
  const shape = (path: string): string => path.replaceAll(/\{[^}]*\}/g, '*');
  const routes = [...ROUTES.map(({ method, path }) => `${method} ${shape(path)}`), 'GET /openapi.json', 'POST /webhooks/*'];
  const asked = ({ text }: Document): string[] => [...text.matchAll(/\b(GET|POST|DELETE)(?:\/(GET|POST|DELETE))? `?(?:\/api\/v1)?(\/[a-z][\w/{}.-]*[\w}])/g)].flatMap(([, one, other, path]) => [one, other].flatMap((method) => (method === undefined ? [] : [`${method} ${path ?? ''}`])));
  const known = (name: string): boolean => routes.includes(shape(name)) || routes.some((route) => new RegExp(`^${route.replaceAll('*', '[^/ ]+')}$`).test(name));
  expect(unknown(asked, known)).toEqual([]);
  const bare = ({ text }: Document): string[] => matches(text, /\/api\/v1(\/[a-z][\w/{}.-]*[\w}])/g);
  expect(unknown(bare, (path) => ['GET', 'POST', 'DELETE'].some((method) => known(`${method} ${path}`)) || ROUTES.some((route) => route.path.startsWith(`${path}/`)))).toEqual([]);
});

describe('settings', () => {
  /** What PIVO says against a config.toml; empty: nothing. */
  async function complaintOf(home: string, text: string): Promise<string> {
    await writeFile(join(home, 'config.toml'), text);
    try {
      loadConfig({ PIVO_HOME: home, PIVO_ENGINES: '0' });
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  }

  let home = '';
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'pivo-settings-'));
  });
  afterAll(() => rm(home, { recursive: true }));

  it('in a block are ones that PIVO reads', async () => {
    const blocks = all.flatMap(({ path, blocks }) => blocks.filter(({ language }) => language === 'toml').map(({ lines }) => ({ path, text: lines.join('\n').replaceAll('"…"', `"${'0'.repeat(64)}"`) })));
    expect(blocks.length).toBeGreaterThan(10);
    const refused: string[] = [];
    for (const { path, text } of blocks) refused.push(...[await complaintOf(home, text)].filter((each) => each !== '').map((each) => `${path}: ${each}`)); // one home
    expect(refused).toEqual([]);
  });

  it('within a sentence have the names that PIVO knows', async () => {
    const named = all.flatMap(({ path, text }) => [...text.matchAll(/`\[(\w+)\] (\w+)[^`]*`|`(?:(\w+)\.)?(\w+)` (?:of|in) `config\.toml`/g)].map(([, table, key, other, last]) => ({ path, setting: `${table ?? other ?? ''}.${key ?? last ?? ''}` })));
    expect(named.length).toBeGreaterThan(5);
    const unread: string[] = [];
    for (const { path, setting } of named) {
      const [table = '', key = ''] = setting.split('.');
      if (/unrecognized/i.test(await complaintOf(home, `${table === '' ? '' : `[${table}]\n`}${key} = [[]]\n`))) unread.push(`${path}: ${setting}`);
    }
    expect(unread).toEqual([]);
  });
});

it('a variable of PIVO is one that some code reads', async () => {
  const code = (await Promise.all(files.filter((name) => /\.(ts|sh|mjs|py|yml|yaml)$|^pivo$/.test(name)).map((name) => readFile(join(ROOT, name), 'utf8')))).join('\n');
  expect(unknown(({ text }) => matches(text, /\bPIVO_[A-Z_]+\b/g), (name) => code.includes(name))).toEqual([]);
});

it('a file or folder of the project is there', () => {
  const roots = new Set(files.filter((name) => name.includes('/')).map((name) => name.split('/')[0]));
  const named = ({ spans }: Document): string[] => spans.map((span) => span.replace(/[:#].*$/, '')).filter((span) => /^[\w.-]+\/[\w./-]*(\/|\.(ts|tsx|py|json|yml|yaml|toml|txt|sh))$/.test(span) && roots.has(span.split('/')[0]));
  expect(unknown(named, (name) => existsSync(join(ROOT, name)))).toEqual([]);
});

it('a script of npm, a bench and a workflow are there', async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  expect(unknown(({ text }) => matches(text, /\bnpm run ([\w:-]+)/g), (name) => name in scripts)).toEqual([]);
  const benches = (await Promise.all(files.filter((name) => name.startsWith('bench/')).map((name) => readFile(join(ROOT, name), 'utf8')))).flatMap((text) => matches(text, /name: '([\w-]+)',\s*title/g));
  expect(unknown(({ text }) => matches(text, /npm run bench -- ([\w-]+)/g), (name) => benches.includes(name))).toEqual([]);
  expect(unknown(({ text }) => matches(text, /workflow start --type (\w+)/g), (name) => Object.values<string>(WORKFLOW).includes(name))).toEqual([]);
});

it('docs/agent.md has every tool, with its other names, and no more', () => {
  const table = all.find(({ path }) => path === 'docs/agent.md')?.text.split('## What it can do')[1]?.split('\n## ')[0] ?? '';
  const told = [...table.matchAll(/^\| (`[^|]*)\|([^|]*)\|/gm)].flatMap(([, names, others]) => matches(`${names ?? ''} ${others ?? ''}`, /`(\w+)`/g));
  expect(told.sort()).toEqual(tools.flatMap(({ name, aliases }) => [name, ...aliases]).sort());
});
