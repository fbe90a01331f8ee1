// `batches`: what the spool gates took into the records.
import { Option, type Command } from 'commander';
import { SpoolBatch, SpoolKind, type SegmentEnd } from '../../../contract/spool.ts';
import type { BatchOfSegments } from '../../../operations/batches.ts';
import type { SpoolGateState } from '../../../operations/spool-gates.ts';
import { count, fields, instant, many, safeLine, size, table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Session, Style } from '../session.ts';

interface BatchesOptions {
  kind?: SpoolKind;
  status?: SpoolBatch['status'];
  limit?: number;
}

export function addBatchesCommand(program: Command, act: Act): void {
  program
    .command('batches')
    .description('the batches that the spool gates took into the records, the last first; or one by its tag, with its segments')
    .argument('[tag]', 'one batch')
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(SpoolKind.options))
    .addOption(new Option('--status <status>', 'only with this status').choices(SpoolBatch.shape.status.options))
    .option('--limit <n>', 'at most so many (default: 50)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo batches', 'pivo batches --status failed', 'pivo batches event-1763700000000-0123456789ab'))
    .action(act(async (session, tag: string | undefined, { kind, status, limit }: BatchesOptions) => {
      if (tag !== undefined) return session.answer(await session.call<BatchOfSegments>('batch', { tag }), (found) => batchText(found, session.style));
      const filter = { ...(kind === undefined ? {} : { kind }), ...(status === undefined ? {} : { status }), ...(limit === undefined ? {} : { limit }) };
      return all(session, filter);
    }));
}

async function all(session: Session, filter: BatchesOptions): Promise<void> {
  const found = await session.call<SpoolBatch[]>('batches', filter);
  const gates = await session.call<SpoolGateState[]>('spool-gates', {});
  await session.answer(found, () => `${gates.map((gate) => gateText(gate, session.style)).join('')}${batchesText(found, session.style)}`);
}

/** A line for a gate that is at work. */
function gateText({ kind, running, progress, since, open, failure, attempt }: SpoolGateState, style: Style): string {
  if (running !== true) return '';
  const what = [open?.tag, progress?.phase, progress?.total === undefined ? undefined : `${count(progress.done ?? 0)} of ${count(progress.total)}`, since === null ? undefined : `since ${instant(since)}`].filter((part) => part !== undefined);
  const trouble = failure === null ? '' : style.yellow(`; attempt ${attempt}, the last failed: ${safeLine(failure)}`);
  return `gate of ${kind}: ${what.join(', ')}${trouble}\n`;
}

function batchesText(found: readonly SpoolBatch[], style: Style): string {
  if (found.length === 0) return 'no batch was taken\n';
  return table(found, [
    { title: 'TAG', value: ({ tag }) => tag },
    { title: 'STATUS', value: ({ status }) => statusText(status, style) },
    { title: 'REASON', value: ({ reason }) => reason },
    { title: 'SEGMENTS', value: ({ segments }) => count(segments), align: 'right' },
    { title: 'FAILED', value: ({ failed }) => (failed === 0 ? '-' : style.red(count(failed))), align: 'right' },
    { title: 'RECORDS', value: ({ records }) => count(records), align: 'right' },
    { title: 'DUPLICATES', value: ({ duplicates }) => (duplicates === 0 ? '-' : count(duplicates)), align: 'right' },
    { title: 'SIZE', value: ({ bytes }) => size(bytes), align: 'right' },
    { title: 'OPENED (UTC)', value: ({ opened }) => instant(opened) },
  ], style.dim);
}

function statusText(status: SpoolBatch['status'], style: Style): string {
  return status === 'failed' ? style.red(status) : status === 'open' ? style.yellow(status) : status;
}

function batchText({ ends, ...batch }: BatchOfSegments, style: Style): string {
  const head = fields([
    ['Batch', `${batch.tag}, ${statusText(batch.status, style)}, opened by ${batch.reason}`],
    ['Stored', `${many(batch.records, 'record')}, ${many(batch.duplicates, 'duplicate')}; ${many(batch.segments, 'segment')} (${size(batch.bytes)}), ${count(batch.failed)} failed`],
    ['Time', `${instant(batch.opened)} to ${batch.finished === null ? 'now' : instant(batch.finished)}`],
  ]);
  return `${head}\n${table(ends, [
    { title: 'SEGMENT', value: ({ name }: SegmentEnd) => safeLine(name) },
    { title: 'RECORDS', value: ({ records }) => count(records), align: 'right' },
    { title: 'DUPLICATES', value: ({ duplicates }) => (duplicates === 0 ? '-' : count(duplicates)), align: 'right' },
    { title: 'SIZE', value: ({ bytes }) => size(bytes), align: 'right' },
    { title: '', value: ({ failure }) => (failure === null ? '' : style.red(safeLine(failure))) },
  ], style.dim)}`;
}
