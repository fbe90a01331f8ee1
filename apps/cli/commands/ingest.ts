// `ingest`: back a repository up.
import type { Command } from 'commander';
import type { IngestResult } from '../../../contract/ingest.ts';
import { count, fields, instant, many, size } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import { whenIndexed } from '../indexed.ts';
import { placeOf } from '../place.ts';
import type { Act } from '../program.ts';
import type { Session, Style } from '../session.ts';

interface IngestOptions {
  name?: string;
  credential?: string;
  checkout?: string;
  lfs?: string;
  wait: boolean;
}

/** Answer of a start that nobody waits for. */
interface Started {
  workflowId: string;
  runId: string;
}

export function addIngestCommand(program: Command, act: Act): void {
  program
    .command('ingest')
    .description('back a repository up: every ref and object, as a new visit')
    .argument('<url|path>', 'the origin: https, ssh, git@host:owner/name.git, or a path')
    .option('-n, --name <name>', 'its short name in PIVO (default: the last part of the URL)')
    .option('-c, --credential <name>', 'a credential stored with `pivo credential add`')
    .option('--checkout <policy>', 'lay out the files of HEAD: auto, files, har or none', 'auto')
    .option('--lfs <policy>', 'bring objects of Git LFS over: auto or none', 'auto')
    .option('--no-wait', 'return when the run has started')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo ingest https://github.com/sindresorhus/execa', 'pivo ingest ./project --name project', 'pivo ingest git@host:team/private.git --credential deploy-key'))
    .action(act(async (session, url: string, options: IngestOptions) => ingest(session, url, options)));
}

async function ingest(session: Session, url: string, { name, credential, checkout, lfs, wait }: IngestOptions): Promise<void> {
  const input = { url: placeOf(url, process.cwd()), ...(name === undefined ? {} : { name }), ...(credential === undefined ? {} : { credential }), ...(checkout === undefined ? {} : { checkout }), ...(lfs === undefined ? {} : { lfs }) };
  if (!wait) {
    await session.answer(await session.call<Started>('ingest', { ...input, wait: false }), ({ workflowId }) => `started ${workflowId}\n`);
    return;
  }
  session.progress.begin('backing up');
  const result = await session.call<IngestResult>('ingest', input);
  session.progress.begin('waiting for the index');
  const indexed = result.eventsPending !== true && (await whenIndexed(session, result.repository, result.visit));
  await session.answer({ ...result, indexed }, () => ingestText(result, indexed, session.style));
}

function ingestText(result: IngestResult, indexed: boolean, style: Style): string {
  const title = result.unchanged ? `${style.bold(result.repository)} is unchanged since its last visit` : `${style.bold(result.repository)} is backed up`;
  return `${style.green('✓')} ${title}\n${fields(
    [
      ['Origin', result.origin],
      ['Visit', `${result.visit}  ${style.dim(instant(result.time))}`],
      ['Snapshot', result.snapshot],
      ['Refs', `${count(result.refs)}${changesText(result)}`],
      ['Stored', result.newPacks === 0 ? 'nothing new' : `${many(result.newPacks, 'pack')}, ${many(result.newObjects, 'object')}, ${size(result.newBytes)}`],
      ['Events', result.eventsPending === true ? style.yellow('told later: the event log is down') : count(result.events)],
      ['Git LFS', lfsOf(result, style)],
      ['Holes', gitHoles(result) === 0 ? null : style.yellow(`${many(gitHoles(result), 'hole')}: the origin itself lacks objects`)],
      ['Index', indexed ? 'indexed' : style.yellow('not yet indexed')],
    ],
    '  ',
  )}`;
}

/** Missing objects of Git LFS are one hole, which their own line tells. */
const gitHoles = ({ holes, lfs }: IngestResult): number => holes - ((lfs?.missing ?? 0) > 0 ? 1 : 0);

function lfsOf({ repository, lfs }: IngestResult, style: Style): string | null {
  if (lfs === undefined) return null;
  const told = `${many(lfs.objects, 'object')}, ${size(lfs.bytes)}`;
  return lfs.missing === 0 ? told : style.yellow(`${told}, ${count(lfs.missing)} missing: pivo lfs ${repository}`);
}

function changesText({ changes }: IngestResult): string {
  const parts = (['created', 'updated', 'forced', 'deleted'] as const).filter((kind) => changes[kind] > 0).map((kind) => `${count(changes[kind])} ${kind}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
