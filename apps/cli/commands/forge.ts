// `forge`: issues, merge requests, releases and so on of a repository's forge: export, list, show, search.
import type { Command } from 'commander';
import { ForgeDataKind, type ForgeDataResult } from '../../../contract/forge-data.ts';
import { PivoError } from '../../../contract/failures.ts';
import type { ForgeExports } from '../../../operations/forge-exports.ts';
import type { ForgeHits } from '../../../operations/search-forge.ts';
import { count, instant, many, safe, safeLine, size, table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Session } from '../session.ts';

const KINDS = `\nKinds: ${ForgeDataKind.options.join(', ')}.\n`;

type Exported = (ForgeDataResult & { joined: boolean }) | { workflowId: string };

export function addForgeCommands(program: Command, act: Act): void {
  const forge = program.command('forge').description('issues, merge requests, releases and more of a repository on GitHub, GitLab or Gitea, kept beside its backup');
  addExport(forge, act);
  addReading(forge, act);
  addSearch(forge, act);
}

interface ExportOptions {
  url?: string;
  credential?: string;
  maxAsset?: number;
  wait: boolean;
}

function addExport(forge: Command, act: Act): void {
  forge
    .command('export')
    .description('fetch what is new or changed on the forge into the archive; waits where the forge limits how often it is asked')
    .argument('<repo>', 'its name in the archive')
    .option('--url <url>', 'the repository on its forge (default: the origin of its last backup)')
    .option('-c, --credential <name>', 'the stored token for the forge (default: that of [[forges]]; without one: what everybody may see)')
    .option('--max-asset <bytes>', 'largest file of a release that is kept; 0: none (default: 2 GiB)', wholeOrZero)
    .option('--no-wait', 'return when it is started')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo forge export acme.shop', 'pivo forge export acme.shop --url https://github.com/acme/shop --credential gh'))
    .action(act(async (session, repository: string, { url, credential, maxAsset, wait }: ExportOptions) => {
      session.progress.begin('asking the forge');
      const given = { url, credential, maxAssetBytes: maxAsset };
      const exported = await session.call<Exported>('forge-data', { repository, wait, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) });
      await session.answer(exported, (told) => ('workflowId' in told ? `${session.style.green('✓')} started ${told.workflowId}; how it is: pivo jobs ${told.workflowId}\n` : exportText(told, session)));
    }));
}

function wholeOrZero(text: string): number {
  return text === '0' ? 0 : wholeNumber(text);
}

function exportText({ repository, export: number, time, unchanged, records, bytes, assets, holes }: ForgeDataResult, { style }: Session): string {
  const head = unchanged ? `${style.green('✓')} nothing changed on the forge of ${repository} since export ${number} of ${instant(time)} UTC\n` : `${style.green('✓')} export ${number} of ${repository}: ${size(bytes)}\n`;
  const kinds = Object.entries(records).map(([kind, of]) => `  ${kind} ${count(of)}\n`).join('');
  const files = assets.stored === 0 ? '' : `  ${many(assets.stored, 'file')} of releases stored, ${size(assets.bytes)}\n`;
  return head + kinds + files + holes.map((hole) => `${style.yellow('not given:')} ${safeLine(hole)}\n`).join('');
}

function addReading(forge: Command, act: Act): void {
  forge
    .command('list')
    .description('the exports of a repository, the last one first')
    .argument('<repo>')
    .option('--limit <n>', 'most of them (default: 50)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo forge list acme.shop'))
    .action(act(async (session, repository: string, { limit }: { limit?: number }) => {
      const told = await session.call<ForgeExports>('forge-data-list', { repository, ...(limit === undefined ? {} : { limit }) });
      await session.answer(told.exports, () => listText(told, session));
    }));
  forge
    .command('show')
    .description('the records as JSON lines, each in its last state')
    .argument('<repo>')
    .argument('[kind]', 'one kind (default: all)')
    .option('--at <export>', 'as of this export (default: the last)', wholeNumber)
    .option('--json', 'changes nothing: the lines are JSON')
    .addHelpText('after', KINDS + example('pivo forge show acme.shop issues | jq -r \'select(.state == "open") | "#\\(.number) \\(.title)"\'', 'pivo forge show acme.shop --at 3 > acme.shop.jsonl'))
    .action(act(async (session, repository: string, kind: string | undefined, { at }: { at?: number }) => {
      const known = kind === undefined ? undefined : ForgeDataKind.safeParse(kind).data;
      if (kind !== undefined && known === undefined) throw new PivoError('InvalidInput', `"${kind}" is no kind of record`, { hint: `One of ${ForgeDataKind.options.join(', ')}.` });
      const { content } = await session.call<{ content: AsyncIterable<Uint8Array> }>('forge-data-show', { repository, ...(known === undefined ? {} : { kind: known }), ...(at === undefined ? {} : { at }) });
      for await (const piece of content) await session.print(piece);
    }));
}

function listText({ exports }: ForgeExports, { style }: Session): string {
  const all = (files: ForgeExports['exports'][number]['files'], of: 'records' | 'bytes'): number => Object.values(files).reduce((sum, file) => sum + file[of], 0);
  return table(exports, [
    { title: 'EXPORT', value: ({ export: number }) => String(number), align: 'right' },
    { title: 'TIME (UTC)', value: ({ time }) => instant(time) },
    { title: 'FORGE', value: ({ forge }) => `${forge.kind} ${safeLine(forge.path)}` },
    { title: 'VISIT', value: ({ visit }) => (visit === null ? '-' : String(visit)), align: 'right' },
    { title: 'NEW OR CHANGED', value: ({ files }) => count(all(files, 'records')), align: 'right' },
    { title: 'SIZE', value: ({ files }) => size(all(files, 'bytes')), align: 'right' },
    { title: 'FILES', value: ({ assets }) => (assets.stored === 0 ? '-' : `${count(assets.stored)}, ${size(assets.bytes)}`), align: 'right' },
    { title: 'NOT GIVEN', value: ({ holes }) => (holes.length === 0 ? '-' : style.yellow(count(holes.length))), align: 'right' },
  ], style.dim);
}

interface SearchOptions {
  repo?: string;
  kind?: string;
  number?: number;
  limit?: number;
}

function addSearch(forge: Command, act: Act): void {
  forge
    .command('search')
    .description('issues, merge requests, comments and releases by words of their title and body')
    .argument('<words...>', 'all have to be there; "two words" is a phrase, wor* a beginning')
    .option('-r, --repo <repo>', 'of one repository')
    .option('-k, --kind <kind>', 'of one kind')
    .option('-n, --number <n>', 'of one issue or merge request', wholeNumber)
    .option('--limit <n>', 'most hits (default: 30)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', KINDS + example('pivo forge search retry timeout', 'pivo forge search \'"memory leak"\' --repo acme.shop --kind issues'))
    .action(act(async (session, words: string[], { repo, kind, number, limit }: SearchOptions) => {
      const given = { repository: repo, kind, number, limit };
      const found = await session.call<ForgeHits>('search-forge', { query: words.join(' '), ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) });
      await session.answer(found, () => hitsText(found, session));
    }));
}

function hitsText({ hits, more }: ForgeHits, { style }: Session): string {
  if (hits.length === 0) return 'nothing found\n';
  const shown = hits.map(({ repository, kind, number, title, state, author, updated, url, excerpt }) => {
    const head = `${style.bold(`${repository}${number === null ? '' : `#${number}`}`)} ${kind}${title === '' ? '' : ` ${safeLine(title)}`}${state === null ? '' : ` (${safeLine(state)})`}`;
    const words = excerpt.trim() === '' ? '' : `  ${safe(excerpt).replace(/\s+/g, ' ').trim()}\n`;
    return `${head}\n  ${style.dim(`${safeLine(author ?? '-')}, ${instant(updated)} UTC${url === null ? '' : `, ${safeLine(url)}`}`)}\n${words}`;
  });
  return shown.join('') + (more ? 'there are more: ask with a larger --limit, or narrow it\n' : '');
}
