// `search`: finds log entries, shows what stands around one, and follows those that come.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { LogContext, LogLine, LogSearch } from '../../../contract/log-search.ts';
import { LogLevel, LogSystem } from '../../../contract/logs.ts';
import { example, JSON_OPTION } from '../help.ts';
import { contextText, hitsText, lineText } from '../log-text.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Session } from '../session.ts';
import { instantOf } from '../span.ts';

interface Filters {
  since?: string;
  until?: string;
  level?: LogLevel;
  system?: LogSystem;
  run?: string;
  source?: string;
  component?: string;
}

interface SearchOptions extends Filters {
  context: number;
  limit?: number;
  skip?: number;
  newest?: boolean;
  follow?: boolean;
}

export function addSearchCommand(program: Command, act: Act): void {
  program
    .command('search')
    .description('find log entries by words, parts of words, a "quoted phrase", or what they are about; a log: link shows what stands around it')
    .argument('[words...]', 'what to look for, or a link; without any: the newest entries')
    .option('--since <instant>', 'from then on: ISO 8601, or a span back from now such as 90s, 6h, 1d')
    .option('--until <instant>', 'before then')
    .addOption(new Option('--level <level>', 'this level and those above').choices(LogLevel.options))
    .addOption(new Option('--system <system>', 'whose logs').choices(LogSystem.options))
    .option('--run <run>', 'entries of this run: a workflow or application id')
    .option('--source <source>', 'entries of this log, as a link names it')
    .option('--component <component>', 'entries of this logger, class or task')
    .option('--context <entries>', 'entries shown before and after each', natural, 0)
    .option('--limit <entries>', 'most entries (default: 20)', wholeNumber)
    .option('--skip <entries>', 'entries to pass over: those of the pages before', natural)
    .option('--newest', 'entries that have every word, the newest first, instead of the best ones')
    .option('--follow', 'tell entries as they come; Ctrl-C ends it')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo search executor lost', 'pivo search why did the restore fail --system pivo --since 1d', 'pivo search "No space left" --level error --context 3', 'pivo search log:1f3a5b7c9d0e2f4a:1042', 'pivo search --follow --level warn'))
    .action(act(async (session, words: string[], options: SearchOptions) => search(session, words.join(' '), options)));
}

async function search(session: Session, query: string, options: SearchOptions): Promise<void> {
  if (query.startsWith('log:')) return around(session, query, options.context);
  if (options.follow === true) return follow(session, query, filterOf(options));
  const { context, limit, skip, newest } = options;
  const input = { query, ...filterOf(options), context, ...(limit === undefined ? {} : { limit }), ...(skip === undefined ? {} : { skip }), ...(newest === true ? { order: 'newest' } : {}) };
  const found = await session.call<LogSearch>('search-logs', input);
  await session.answer(found, () => hitsText(found, session.style));
  if (session.json) return;
  for (const { word, as } of found.understood) session.note(`no entry has "${word}"; searched for ${as.join(', ')}\n`);
  if (found.embedder.problem !== undefined) session.note(`searched without vectors: ${found.embedder.problem}\n`);
  if (found.more && process.stderr.isTTY) session.note(`… there are more; see --limit and --skip ${(skip ?? 0) + found.hits.length}\n`);
}

async function around(session: Session, link: string, entries: number): Promise<void> {
  const context = await session.call<LogContext>('log-context', { link, ...(entries === 0 ? {} : { before: entries, after: entries }) });
  await session.answer(context, () => contextText(context, session.style));
}

/** Ends with the person's Ctrl-C, which is no failure. */
async function follow(session: Session, query: string, filter: object): Promise<void> {
  let printing = Promise.resolve();
  const print = (line: LogLine): Promise<void> => session.print(session.json ? `${JSON.stringify(line)}\n` : lineText(line, session.style));
  const onProgress = ({ entries = [] }: { entries?: LogLine[] }): void => {
    for (const entry of entries) printing = printing.then(() => print(entry));
  };
  await session.call('log-tail', { query, ...filter }, { onProgress }).catch((error: unknown) => {
    if (!session.signal.aborted) throw error;
  });
  await printing;
}

function filterOf({ since, until, level, system, run, source, component }: Filters): object {
  const given = { from: since === undefined ? undefined : instantOf(since), to: until === undefined ? undefined : instantOf(until), level, system, run, source, component };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Fails so that commander names the option. */
function natural(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number is wanted.');
}
