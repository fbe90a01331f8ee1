// `source`: organisations, users and groups of forges, and lists of URLs, whose repositories are all backed up.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { PivoError } from '../../../contract/failures.ts';
import type { DecidedRepository, Discovery, SourceRepository, SourceSpec } from '../../../contract/source.ts';
import type { AddedSource, RemovedSource } from '../../../operations/source-add.ts';
import type { SourceView } from '../../../operations/sources.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Session } from '../session.ts';
import { addedText, discoveryText, listText, previewText, removedText, showText } from '../source-text.ts';

const KINDS = ['github', 'gitlab', 'gitea', 'list'] as const;

type Where = Partial<Record<(typeof KINDS)[number], string>>;

interface AddOptions extends Where {
  host?: string;
  credential?: string;
  apiCredential?: string;
  include?: string[];
  exclude?: string[];
  archived: boolean;
  forks?: true;
  wikis: boolean;
  forgeData?: true;
  ssh?: true;
  atOnce?: number;
}

/** Repositories that are asked for at once. */
const PAGE = 1_000;

const PATTERN_HELP = `
Patterns are as in gitignore(5), without "!": they are for paths such as acme/platform/tool. "*" and "?" stay within one part,
"**" does not; without a slash a pattern is for a part anywhere; what matches a group matches all that is below it.
A list has one URL a line and, if you like, a name behind it; "#" begins a comment. The worker reads it again at each discovery.
`;

export function addSourceCommands(program: Command, act: Act): void {
  const source = program.command('source').description('back up all repositories of an organisation, user, group or list');
  addAdd(source, act);
  addLooks(source, act);
  addDiscover(source, act);
  source
    .command('remove')
    .description('forget a source; what was backed up stays')
    .argument('<name>', 'a source')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo source remove acme'))
    .action(act(async (session, name: string) => {
      const removed = await session.call<RemovedSource>('source-remove', { source: name });
      await session.answer(removed, (each) => removedText(each, session.style));
    }));
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

function addAdd(source: Command, act: Act): void {
  source
    .command('add')
    .description('name a source; nothing is asked or backed up yet')
    .argument('<name>', 'what to call it: small letters, digits and "-"')
    .option('--github <owner>', 'an organisation or user of GitHub')
    .option('--gitlab <group>', 'a group of GitLab with all its subgroups, or a user')
    .option('--gitea <owner>', 'an organisation or user of a Gitea or Forgejo; needs --host')
    .option('--list <file>', 'a file with one URL a line')
    .option('--host <url>', 'the address of the forge (default: https://github.com, https://gitlab.com)')
    .option('-c, --credential <name>', 'a stored credential, for git and for the forge\'s API')
    .option('--api-credential <name>', 'a stored token for the API, where git uses another credential')
    .option('--include <pattern>', 'only repositories that one of these patterns matches; may be given again', collect)
    .option('--exclude <pattern>', 'but not those that one of these matches; may be given again', collect)
    .option('--no-archived', 'leave out what is archived on the forge')
    .option('--forks', 'take forks, too')
    .option('--no-wikis', 'leave out wikis, which are repositories of their own')
    .option('--forge-data', 'export issues, requests, releases and so on, too (docs/forge-data.md)')
    .option('--ssh', 'clone by ssh')
    .option('--at-once <n>', 'backups at once from one host (default: 4)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', PATTERN_HELP + example('pivo source add acme --github acme --credential gh', 'pivo source add platform --gitlab acme/platform --host https://git.example.com --exclude "**/sandbox-*"', 'pivo source add home --gitea ada --host https://forge.example.com --no-wikis', 'pivo source add mixed --list ./repositories.txt'))
    .action(act(async (session, name: string, options: AddOptions) => {
      const added = await session.call<AddedSource>('source-add', specOf(name, options));
      await session.answer(added, (spec) => addedText(spec, session.style));
    }));
}

/** Fails with InvalidInput unless it says whose repositories are meant, once. */
function specOf(name: string, { forks, forgeData, ssh, archived, wikis, ...options }: AddOptions): Partial<SourceSpec> {
  const named = KINDS.flatMap((kind) => (options[kind] === undefined ? [] : [{ kind, owner: options[kind] }]));
  const [place] = named;
  if (place === undefined || named.length > 1) throw new PivoError('InvalidInput', 'a source is one of --github OWNER, --gitlab GROUP, --gitea OWNER and --list FILE', { hint: 'See `pivo source add --help`.' });
  const { host, credential, apiCredential, include, exclude, atOnce } = options;
  const given = Object.entries({ host, credential, apiCredential, include, exclude, atOnce }).filter(([, value]) => value !== undefined);
  return {
    name,
    kind: place.kind,
    owner: place.kind === 'list' ? resolve(place.owner) : place.owner,
    archived,
    wikis,
    ...(forks === true && { forks }),
    ...(forgeData === true && { forgeData }),
    ...(ssh === true && { transport: 'ssh' as const }),
    ...Object.fromEntries(given),
  };
}

function addLooks(source: Command, act: Act): void {
  source
    .command('list')
    .description('the sources, and how many repositories each has')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo source list'))
    .action(act(async (session) => {
      const sources = await session.call<SourceView[]>('source-list', {});
      await session.answer(sources, (each) => listText(each, session.style));
    }));
  source
    .command('show')
    .description('a source and its repositories: their names in the archive, and why some are not taken')
    .argument('<name>', 'a source')
    .option('--state <state>', 'only those that are present, excluded or vanished')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo source show acme', 'pivo source show acme --state vanished'))
    .action(act(async (session, name: string, { state }: { state?: string }) => {
      const view = await session.call<SourceView>('source-show', { source: name });
      const repositories = await all<SourceRepository>(session, 'source-repositories', { source: name, ...(state === undefined ? {} : { state }) });
      await session.answer({ ...view, repositories }, () => showText(view, repositories, session.style));
    }));
}

/** Page by page. */
async function all<T extends { repository: string }>(session: Session, operation: string, input: object): Promise<T[]> {
  const found: T[] = [];
  for (let after: string | null = null; ; ) {
    const page: { repositories: T[]; next: string | null } = await session.call(operation, { ...input, limit: PAGE, ...(after === null ? {} : { after }) });
    found.push(...page.repositories);
    after = page.next;
    if (after === null) return found;
  }
}

function addDiscover(source: Command, act: Act): void {
  source
    .command('discover')
    .description('ask a source what it holds now; nothing is backed up yet')
    .argument('<name>', 'a source')
    .option('--dry-run', 'change nothing: show what would be taken, and why the others are not')
    .option('--accept-vanished', 'most repositories are gone indeed, not hidden from the token')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo source discover acme --dry-run', 'pivo source discover acme'))
    .action(act(async (session, name: string, { dryRun, acceptVanished }: { dryRun?: true; acceptVanished?: true }) => {
      const discovery = await session.call<Discovery>('source-discover', { source: name, ...(dryRun === true && { dryRun }), ...(acceptVanished === true && { acceptVanished }) });
      if (dryRun !== true) return session.answer(discovery, (each) => discoveryText(each, session.style));
      const repositories = await all<DecidedRepository>(session, 'source-preview', { source: name, discovery: discovery.discovery });
      await session.answer({ ...discovery, repositories }, () => previewText(discovery, repositories, session.style));
    }));
}
