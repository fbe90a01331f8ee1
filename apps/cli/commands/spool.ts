// `spool`: puts frames into the spool and shows what waits there.
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Argument, Option, type Command } from 'commander';
import { SpoolKind, type SpoolDepth } from '../../../contract/spool.ts';
import type { Returned, ReplayEnded } from '../../../operations/spool-replay.ts';
import type { SpoolPut } from '../../../operations/spool-put.ts';
import type { FailedSegmentRow, SpoolStatus } from '../../../operations/spool-status.ts';
import { count, instant, many, safeLine, size, table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Session, Style } from '../session.ts';
import { stdinFile } from '../stdin-file.ts';

export function addSpoolCommands(program: Command, act: Act): void {
  const spool = program.command('spool').description('frames on their way into the records: put them, and see what waits or failed');
  spool
    .command('put')
    .description('put frames into the spool: JSON lines or a segment, gzip and Zstandard too; one bad frame, and nothing is put')
    .addArgument(new Argument('<kind>', 'what the frames are').choices(SpoolKind.options))
    .argument('[file]', 'JSON lines or a segment; stdin by default', '-')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo spool put event events.ndjson', 'pivo spool put metric metrics.msgpack.zst', 'echo \'{"key":"web","time":1763700000000,"payload":{"type":"deploy"}}\' | pivo spool put event'))
    .action(act(async (session, kind: SpoolKind, file: string) => put(session, kind, file)));
  spool
    .command('status')
    .description('what waits, is being stored, was archived or failed, and why')
    .addOption(new Option('--kind <kind>', 'only this kind').choices(SpoolKind.options))
    .option('--limit <segments>', 'most failed segments (default: 50)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo spool status', 'pivo spool status --kind push --json'))
    .action(act(async (session, { kind, limit }: { kind?: SpoolKind; limit?: number }) => {
      const status = await session.call<SpoolStatus>('spool-status', { ...(kind === undefined ? {} : { kind }), ...(limit === undefined ? {} : { limit }) });
      await session.answer(status, () => statusText(status, session.style));
    }));
  spool
    .command('replay')
    .description('store archived segments again, or let a failed one be tried again; what is stored already is counted, and never stored twice')
    .option('--batch <tag>', 'the segments of one batch')
    .option('--failed <name>', 'one failed segment, which goes back to where it is taken from')
    .option('--all', 'every archived segment, such as into a new records database')
    .addOption(new Option('--kind <kind>', 'with --all: only this kind').choices(SpoolKind.options))
    .option('--no-wait', 'return when it has started')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo spool replay --batch event-1763700000000-0123456789ab', 'pivo spool replay --failed event-1763700000000-0123456789abcdef.msgpack', 'pivo spool replay --all'))
    .action(act(async (session, { wait, json: _json, ...range }: ReplayOptions) => replay(session, range, wait)));
}

interface ReplayOptions {
  batch?: string;
  failed?: string;
  all?: true;
  kind?: SpoolKind;
  wait: boolean;
  json?: boolean;
}

async function replay(session: Session, range: Omit<ReplayOptions, 'wait' | 'json'>, wait: boolean): Promise<void> {
  if (range.failed !== undefined) {
    await session.answer(await session.call<Returned>('spool-replay', range), ({ returned }) => `${returned} waits again\n`);
  } else if (wait) {
    session.progress.begin('replaying');
    await session.answer(await session.call<ReplayEnded>('spool-replay', range), (ended) => replayText(ended, session.style));
  } else {
    await session.answer(await session.call<{ workflowId: string }>('spool-replay', { ...range, wait }), ({ workflowId }) => `started ${workflowId}\n`);
  }
}

function replayText({ batches, segments, failed, records, duplicates }: ReplayEnded, style: Style): string {
  const unread = failed === 0 ? '' : style.red(`${many(failed, 'segment')} could not be read, see \`pivo batches --status failed\`\n`);
  return `stored ${many(records, 'record')} of ${many(segments, 'segment')} in ${many(batches, 'batch', 'batches')}; ${count(duplicates)} were there already\n${unread}`;
}

async function put(session: Session, kind: SpoolKind, file: string): Promise<void> {
  session.progress.begin('reading');
  const stdin = file === '-' ? await stdinFile(join(session.config.paths.spool, '.tmp'), session.signal) : undefined;
  try {
    const answer = await session.call<SpoolPut>('spool-put', { kind, file: stdin ?? resolve(file) });
    await session.answer(answer, ({ frames, segments }) => `put ${many(frames, 'frame')} into ${many(segments.length, 'segment')}\n${segments.map(({ name, bytes }) => `  ${name}  ${size(bytes)}\n`).join('')}`);
  } finally {
    if (stdin !== undefined) await rm(stdin, { force: true });
  }
}

function statusText({ kinds, failed, more }: SpoolStatus, style: Style): string {
  const lies = ({ segments, bytes }: { segments: number; bytes: number }): string => (segments === 0 ? '-' : `${count(segments)} (${size(bytes)})`);
  const depths = table(kinds, [
    { title: 'KIND', value: ({ kind }: SpoolDepth) => kind },
    { title: 'WAITING', value: ({ incoming }) => lies(incoming), align: 'right' },
    { title: 'OLDEST', value: ({ incoming }) => (incoming.segments === 0 ? '-' : `${count(Math.ceil(incoming.age))} s`), align: 'right' },
    { title: 'PROCESSING', value: ({ processing }) => lies(processing), align: 'right' },
    { title: 'ARCHIVED', value: ({ archive }) => lies(archive), align: 'right' },
    { title: 'FAILED', value: (depth) => (depth.failed.segments === 0 ? '-' : style.red(lies(depth.failed))), align: 'right' },
  ], style.dim);
  const reasons = table(failed, [
    { title: 'FAILED (UTC)', value: (row: FailedSegmentRow) => instant(row.failed) },
    { title: 'SEGMENT', value: ({ name }) => safeLine(name) },
    { title: 'REASON', value: ({ reason }) => safeLine(reason) },
  ], style.dim);
  return `${depths}${reasons === '' ? '' : `\n${reasons}`}${more === 0 ? '' : `… and ${many(more, 'more failed segment')}\n`}`;
}
