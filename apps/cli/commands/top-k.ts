// `top-k`: the stored events nearest in meaning to a question.
import type { Command } from 'commander';
import type { NearEvent, TopK } from '../../../contract/record-search.ts';
import { instant, safe, safeLine } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Session, Style } from '../session.ts';
import { instantOf } from '../span.ts';

interface TopKOptions {
  k?: number;
  type?: string;
  key?: string;
  since?: string;
  until?: string;
}

/** Lines of a text that are shown with a hit. */
const LINES = 4;

export function addTopKCommand(program: Command, act: Act): void {
  program
    .command('top-k')
    .description('find stored events by what they mean: those whose text is nearest to the question, with their distance')
    .argument('<question...>', 'what to look for')
    .option('-k, --k <events>', 'how many events (default: 10)', wholeNumber)
    .option('--type <type>', 'events of this type')
    .option('--key <key>', 'events of this key, such as a repository or a host')
    .option('--since <instant>', 'from then on: ISO 8601, or a span back from now such as 90s, 6h, 1d')
    .option('--until <instant>', 'before then')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo top-k the disk of a node filled up', 'pivo top-k login refused --type audit --since 1d -k 5'))
    .action(act(async (session, question: string[], options: TopKOptions) => topK(session, question.join(' '), options)));
}

async function topK(session: Session, query: string, { k, type, key, since, until }: TopKOptions): Promise<void> {
  const given = { query, k, type, key, since: since === undefined ? undefined : instantOf(since), until: until === undefined ? undefined : instantOf(until) };
  const found = await session.call<TopK>('top-k', Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
  await session.answer(found, () => (found.hits.length === 0 ? 'nothing found\n' : found.hits.map((hit) => hitText(hit, session.style)).join('')));
  if (!session.json && found.hits.length === 0) session.note(`compared the vectors of ${found.embedder}; events have theirs a while after they are stored\n`);
}

function hitText({ distance, time, key, type, id, text }: NearEvent, style: Style): string {
  const lines = safe(text).split('\n');
  const rest = lines.length > LINES ? [style.dim(`    … ${lines.length - LINES} more lines`)] : [];
  const [first = '', ...others] = lines.slice(0, LINES);
  return `${[`${distance.toFixed(3)}  ${style.dim(instant(time))} ${safeLine(key)} ${style.bold(first)}`, ...others.map((line) => `    ${line}`), ...rest, style.dim(`    ${safeLine(type)}  ${safeLine(id)}`)].join('\n')}\n`;
}
