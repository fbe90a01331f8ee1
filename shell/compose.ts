// Composes the command that a request asks for, of the catalogue, and ranks what else it may mean.
import { PivoError } from '../contract/failures.ts';
import type { Example, ShellCommand } from './answer.ts';
import { CATALOGUE } from './catalogue/index.ts';
import { grade } from './grade/grade.ts';
import { PLACE, worse, type Intent, type ShellTool } from './intent.ts';
import { render } from './render.ts';
import { fill, placesOf } from './request/fill.ts';
import { kindOf } from './request/kinds.ts';
import { LEAST, rankingOf, type Ranking } from './request/rank.ts';
import { tokensOf } from './request/tokens.ts';

/** All of an answer but its checks. */
export type Composed = Omit<ShellCommand, 'checks' | 'writtenBy' | 'note'>;

const ALTERNATIVES = 3;
/** Each place that a request leaves open makes an intent that much less likely; it decides between intents that match alike. */
const OPEN = 0.04;
/** So does each word that nothing explains; below the least a request is no request for a command. */
const UNEXPLAINED = 0.08;

let ranking: Ranking | undefined;

/** The likeliest command first; empty when the catalogue knows none. Fails with InvalidInput for what is no request of one line. */
export function compose(request: string, tool?: ShellTool): Composed[] {
  ranking ??= rankingOf(CATALOGUE);
  const { vocabulary, rank } = ranking;
  const tokens = tokensOf(request);
  const found = rank(tokens, (intent) => tool === undefined || intent.tool === tool).slice(0, 12);
  const candidates = found.map(({ intent, score }) => {
    const { values, sureness, unexplained } = fill(intent, tokens, vocabulary);
    const rendered = render(intent, values);
    const filled = placesOf(intent).filter((place) => values.has(place)).length;
    return { intent, rendered, score: score - OPEN * rendered.missing.length + OPEN * 0.5 * filled + OPEN * sureness - UNEXPLAINED * unexplained };
  }).filter(({ score }) => score >= LEAST).sort((a, b) => b.score - a.score);
  return candidates.map(({ intent, rendered: { command, parts, missing } }) => {
    const { risk, why } = grade(command);
    return { command, tool: intent.tool, explanation: intent.explanation, parts, missing, examples: examplesOf(intent), risk: worse(risk, intent.risk), riskWhy: why, alternatives: [] };
  });
}

/** The first, with the next as its alternatives. Null when there is none. */
export function best(composed: readonly Composed[]): Composed | null {
  const [first, ...others] = composed;
  return first === undefined ? null : { ...first, alternatives: alternativesOf(others, first.command) };
}

/** What to offer beside a command. */
export function alternativesOf(composed: readonly Composed[], beside: string): Composed['alternatives'] {
  return composed.filter(({ command }) => command !== beside).slice(0, ALTERNATIVES).map(({ command, explanation, risk }) => ({ command, explanation, risk }));
}

/** Its first asks with sample values, and what becomes of them. */
export function examplesOf(intent: Intent): Example[] {
  return intent.asks.slice(0, 2).map((ask) => {
    const says = ask.replaceAll(PLACE, (_, name: string) => kindOf(name).sample);
    const values = new Map([...ask.matchAll(PLACE)].flatMap(([, name = '']) => {
      const token = tokensOf(kindOf(name).sample)[0];
      const value = token === undefined ? null : (kindOf(name).value ?? (({ text }) => text))(token);
      return value === null ? [] : [[name, value] as const];
    }));
    return { says, command: render(intent, values).command };
  });
}

/** Fails with NotFound: what to do instead of guessing. */
export function nothingKnown(): never {
  throw new PivoError('NotFound', 'no command is known for that request', { hint: 'Say what to do and with which tool, such as "find files larger than 100 MB in /var/log" or "lag of consumer group billing"; with a language model configured, PIVO asks it.' });
}
