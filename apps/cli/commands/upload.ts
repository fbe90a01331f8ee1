// `upload`: brings logs into the log index.
import { dirname, join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { PivoError } from '../../../contract/failures.ts';
import { LogSystem, type IngestLogsSummary } from '../../../contract/logs.ts';
import { many, safeLine, size, table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import type { Act } from '../program.ts';
import type { Session, Style } from '../session.ts';
import { stdinFile } from '../stdin-file.ts';

interface UploadOptions {
  system?: LogSystem;
  run?: string;
  name?: string;
  wait: boolean;
  json?: boolean;
}

export function addUploadCommand(program: Command, act: Act): void {
  program
    .command('upload')
    .description('read logs into the log index: files, folders, `-` for stdin; gzip and Zstandard too; secrets are removed, and the same content is stored once')
    .argument('<path...>', 'files and folders, or `-`')
    .addOption(new Option('--system <system>', 'whose log it is, where its lines do not tell').choices(LogSystem.options))
    .option('--run <run>', 'the run that it belongs to, such as an application id')
    .option('--name <name>', 'what to call it, for one file or stdin')
    .option('--no-wait', 'return when the reading has started')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo upload /var/log/hadoop', 'pivo upload driver.log.gz --run application_1700000000000_0042', 'yarn logs -applicationId application_1700000000000_0042 | pivo upload - --system spark'))
    .action(act(async (session, paths: string[], options: UploadOptions) => upload(session, paths, options)));
}

async function upload(session: Session, paths: string[], { wait, json: _json, ...options }: UploadOptions): Promise<number> {
  const stdin = paths.includes('-');
  if (stdin && paths.length > 1) throw new PivoError('InvalidInput', 'stdin is uploaded alone', { hint: 'Upload the paths with a command of their own.' });
  session.progress.begin('reading');
  const named = { ...options, ...(stdin && options.name === undefined ? { name: 'stdin' } : {}) };
  const input = { ...named, paths: stdin ? [await stdinFile(join(dirname(session.config.paths.logIndex), 'uploads'), session.signal)] : paths.map((path) => resolve(path)), wait };
  if (!wait) {
    await session.answer(await session.call<{ workflowId: string }>('upload-logs', input), ({ workflowId }) => `started ${workflowId}\n`);
    return 0;
  }
  const summary = await session.call<IngestLogsSummary>('upload-logs', input);
  await session.answer(summary, () => uploadText(summary, session.style));
  return 0;
}

function uploadText({ logs, refused, files, added, known, lines, entries, bytes, templates }: IngestLogsSummary, style: Style): string {
  const rows = table(logs, [
    { title: 'Source', value: ({ source }) => source },
    { title: 'System', value: ({ system }) => system },
    { title: 'Format', value: ({ format }) => format },
    { title: 'Lines', value: ({ lines }) => String(lines), align: 'right' },
    { title: 'Name', value: ({ name, outcome }) => safeLine(name) + (outcome === 'known' ? ' (was there before; nothing added)' : outcome === 'continued' ? ' (continued)' : '') },
  ], style.bold);
  const more = logs.length + refused.length < files ? `… and ${many(files - logs.length - refused.length, 'more file')}\n` : '';
  const wrong = refused.map(({ name, reason }) => style.yellow(`not read: ${safeLine(name)}: ${reason}\n`)).join('');
  const total = known === files ? 'nothing new: every content was there before\n' : `${many(entries, 'entry', 'entries')} of ${many(lines, 'line')} (${size(bytes)}) in ${many(added, 'file')}, ${many(templates, 'new template')}${known === 0 ? '' : `; ${known} known before`}\n`;
  return rows + more + wrong + total;
}
