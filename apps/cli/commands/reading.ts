// `repos`, `visits`, `lfs`, `log`, `ls`, `cat`, `diff`: what the archive holds, as of any point.
import { isUtf8 } from 'node:buffer';
import type { Command } from 'commander';
import { PivoError } from '../../../contract/failures.ts';
import { parseFileLink } from '../../../contract/file-link.ts';
import type { LfsStatus } from '../../../contract/lfs.ts';
import { parseSpec } from '../../../contract/spec.ts';
import { many } from '../format.ts';
import { example, JSON_OPTION, POINT_HELP } from '../help.ts';
import type { Act } from '../program.ts';
import { diffText, lfsText, listingText, logText, reposText, visitsText, type Difference, type Listing, type LogPage, type RepositoryState, type VisitList } from '../reading-text.ts';
import { withPeople } from '../people.ts';
import type { Session } from '../session.ts';
import { wholeNumber } from '../numbers.ts';

export function addReadingCommands(program: Command, act: Act): void {
  program
    .command('repos')
    .description('the repositories in the archive and their last visit')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo repos'))
    .action(act(async (session) => {
      const states = await session.call<RepositoryState[]>('repos', {});
      await session.answer(states, () => reposText(states, session.style));
    }));
  program
    .command('visits')
    .description('the backup runs of a repository, last first')
    .argument('<repo>')
    .option('--limit <visits>', 'most visits (default: 50)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo visits execa'))
    .action(act(async (session, repository: string, { limit }: { limit?: number }) => {
      const list = await session.call<VisitList>('visits', { repository, ...(limit === undefined ? {} : { limit }) });
      await session.answer(list, () => visitsText(list, session.style));
    }));
  program
    .command('lfs')
    .description('the objects of Git LFS that a repository\'s history points to, and what is missing of them')
    .argument('<repo>')
    .option('-a, --all', 'list every object, not only those that are missing')
    .option('--limit <objects>', 'most objects to list (default: 1000)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo lfs execa', 'pivo lfs execa --all --json'))
    .action(act(async (session, repository: string, { all, limit }: { all?: boolean; limit?: number }) => {
      const status = await session.call<LfsStatus>('lfs', { repository, ...(all === true ? { objects: 'all' } : {}), ...(limit === undefined ? {} : { limit }) });
      await session.answer(status, () => lfsText(status, session.style));
      if (status.truncated && !session.json) session.note(`… only the first ${many(status.entries.length, 'object')}; see --limit\n`);
    }));
  addLog(program, act);
  addLs(program, act);
  program
    .command('cat')
    .description('the bytes of one file')
    .argument('<repo[@point]>', 'or a link to a file, as `pivo docs` writes it')
    .argument('[path]', 'as `pivo ls` shows it')
    .option(...JSON_OPTION)
    .addHelpText('after', POINT_HELP + example('pivo cat execa@v9.0.0 package.json', 'pivo cat execa@2026-11-01 logo.png > logo.png', 'pivo cat execa@1a2b3c4d5e6f:lib/command.js#L12'))
    .action(act(async (session, spec: string, path: string | undefined) => cat(session, placeOfFile(spec, path))));
  addDiff(program, act);
}

function addLog(program: Command, act: Act): void {
  program
    .command('log')
    .description('the commits as of a point, newest first')
    .argument('<repo[@point]>')
    .option('--limit <commits>', 'most commits (default: 50)', wholeNumber)
    .option('--path <path>', 'only commits that changed this path')
    .option('--all', 'from every ref, not only HEAD')
    .option('--resolve', 'who is behind the tokens of the vault, as far as you may know')
    .option(...JSON_OPTION)
    .addHelpText('after', POINT_HELP + example('pivo log execa --limit 10', 'pivo log execa@v9.0.0 --path package.json'))
    .action(act(async (session, spec: string, { limit, path, all, resolve }: { limit?: number; path?: string; all?: boolean; resolve?: boolean }) => {
      const told = await session.call<LogPage>('log', { ...parseSpec(spec), ...(limit === undefined ? {} : { limit }), ...(path === undefined ? {} : { path }), ...(all === true ? { all } : {}) });
      const page = resolve === true ? await withPeople(session, told) : told;
      await session.answer(page, () => logText(page, session.style));
      if (page.more && !session.json && process.stderr.isTTY) session.note(`… there are more than ${many(page.commits.length, 'commit')}; see --limit\n`);
    }));
}

function addLs(program: Command, act: Act): void {
  program
    .command('ls')
    .description('the files and folders as of a point')
    .argument('<repo[@point]>')
    .argument('[path]', 'a folder or file (default: the root)')
    .option('-r, --recursive', 'all files below')
    .option(...JSON_OPTION)
    .addHelpText('after', POINT_HELP + example('pivo ls execa', 'pivo ls execa@2026-11-01 lib -r'))
    .action(act(async (session, spec: string, path: string | undefined, { recursive }: { recursive?: boolean }) => {
      const listing = await session.call<Listing>('ls', { ...parseSpec(spec), ...(path === undefined ? {} : { path }), ...(recursive === true ? { recursive } : {}) });
      await session.answer(listing, () => listingText(listing, session.style));
      if (listing.truncated && !session.json) session.note(`… only the first ${many(listing.entries.length, 'entry', 'entries')}; name a folder\n`);
    }));
}

function addDiff(program: Command, act: Act): void {
  program
    .command('diff')
    .description('what changed between two points, as a unified diff')
    .argument('<repo>')
    .argument('<a>', 'a point')
    .argument('<b>', 'a point')
    .argument('[path]', 'only below this path')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo diff execa v8.0.0 v9.0.0 package.json', 'pivo diff execa 2026-11-01 latest'))
    .action(act(async (session, repository: string, from: string, to: string, path: string | undefined) => {
      const difference = await session.call<Difference>('diff', { repository, from, to, ...(path === undefined ? {} : { path }) });
      await session.answer(difference, () => diffText(difference, session.style));
      if (difference.truncated && !session.json) session.note(`… only the first ${many(difference.files.length, 'file')}; name a path\n`);
    }));
}

interface FileContent {
  content: AsyncIterable<Uint8Array>;
}

/** A repository at a point with a path, or a link that holds all three. Fails with InvalidInput. */
function placeOfFile(spec: string, path: string | undefined): { repository: string; point: string; path: string } {
  if (path !== undefined) return { ...parseSpec(spec), path };
  const link = parseFileLink(spec);
  if (link === null) throw new PivoError('InvalidInput', `${spec} names no file`, { hint: 'Give the path after it, as `pivo ls` shows it, or a link such as execa@1a2b3c4d5e6f:lib/command.js.' });
  return { repository: link.repository, point: link.commit, path: link.path };
}

/** As it is; in JSON as text, or in base64 where it is not UTF-8. */
async function cat(session: Session, place: ReturnType<typeof placeOfFile>): Promise<void> {
  const { path } = place;
  const { content, ...facts } = await session.call<FileContent>('cat', place);
  if (!session.json) {
    for await (const chunk of content) await session.print(chunk);
    return;
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const encoding = isUtf8(bytes) ? 'utf8' : 'base64';
  await session.print(`${JSON.stringify({ ...facts, path, encoding, content: bytes.toString(encoding) })}\n`);
}
