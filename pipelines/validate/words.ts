// Words of a shell's commands: what they expand, what scripts stand in them, and which program a command starts in the end.
import type { Command, ParsedScript, Redirect, Word } from 'unbash';

/** A part of a word, as far as any kind of them has it. */
interface Part {
  type: string;
  text: string;
  value?: string;
  parameter?: string;
  operator?: string;
  operand?: Word;
  length?: boolean;
  indirect?: boolean;
  replace?: { pattern: Word; replacement: Word };
  parts?: readonly Part[];
  script?: ParsedScript;
}

const partsOf = (word: Word | Part): readonly Part[] => (word.parts ?? []) as readonly Part[];

/** All expansions of a word, those inside quotes and of values by default too. */
export function* expansionsOf(word: Word | Part): Generator<Part> {
  for (const part of partsOf(word)) {
    if (/Expansion$|Substitution$/.test(part.type)) yield part;
    yield* expansionsOf(part);
    if (part.operand !== undefined) yield* expansionsOf(part.operand);
    if (part.replace !== undefined) yield* expansionsOf(part.replace.replacement);
  }
}

/** Names of variables whose values a word can show; `${NAME:+text}` shows its text alone. `!` for one that is named by another. */
export function variablesIn(word: Word): string[] {
  return [...expansionsOf(word)].flatMap(({ type, text, parameter, operator, indirect, length }) => {
    if (type === 'SimpleExpansion') return [text.slice(1)];
    if (type === 'ArithmeticExpansion') return [...text.matchAll(/[A-Za-z_]\w*/g)].map(([name]) => name);
    if (type !== 'ParameterExpansion' || parameter === undefined || length === true || /^:?\+$/.test(operator ?? '')) return [];
    return indirect === true ? ['!', parameter] : [parameter];
  });
}

/** Names without which a word is empty: those with a value by default are none. */
export const neededIn = (word: Word): string[] => [...expansionsOf(word)].flatMap(({ type, text, parameter, operator }) => (type === 'SimpleExpansion' ? [text.slice(1)] : type === 'ParameterExpansion' && parameter !== undefined && !/^:?[-=+]$/.test(operator ?? '') ? [parameter] : []));

/** Scripts inside a word: `$(…)`, backticks, `<(…)`. */
export const scriptsIn = (word: Word): { type: string; script: ParsedScript }[] => [...expansionsOf(word)].flatMap(({ type, script }) => (script === undefined ? [] : [{ type, script }]));

/** True for a word whose text is known only when it runs. */
export const isDynamic = (word: Word): boolean => [...expansionsOf(word)].some(({ type }) => type !== 'BraceExpansion');

/** Programs that start another one, and options of theirs that take a value. */
const WRAPPERS: Readonly<Record<string, RegExp>> = {
  sudo: /^-[ugpCDhrtT]$/, doas: /^-[uC]$/, env: /^-[uCS]$|^--(?:unset|chdir)$/, time: /^-[fo]$/, nohup: /^$/, exec: /^-a$/, command: /^$/, builtin: /^$/, nice: /^-n$/, ionice: /^-[cnp]$/, timeout: /^-[ks]$/, stdbuf: /^-[ioe]$/,
  xargs: /^-[IinPLdEsa]$/, busybox: /^$/, setsid: /^$/, unbuffer: /^$/, chronic: /^$/, retry: /^-\w$/, dotenv: /^-\w$/, sg: /^$/,
};

/** The last piece of a path. */
export const programOf = (word: Word | undefined): string => (word?.value ?? '').split('/').at(-1) ?? '';

/** Program and arguments of a command without what only starts it; `wrapped`: by what. */
export function started({ name, suffix }: Pick<Command, 'name' | 'suffix'>): { program: string; name: Word | undefined; args: readonly Word[]; wrapped: string[] } {
  let words = name === undefined ? [] : [name, ...suffix];
  const wrapped: string[] = [];
  for (;;) {
    const [first, ...rest] = words;
    const program = programOf(first);
    const options = Object.hasOwn(WRAPPERS, program) ? WRAPPERS[program] : undefined;
    const at = options === undefined ? -1 : firstArgument(program, rest, options);
    if (at === -1 || (program === 'command' && /^-[vV]$/.test(rest[0]?.value ?? ''))) return { program, name: first, args: rest, wrapped };
    wrapped.push(program);
    words = rest.slice(at);
  }
}

/** Where the started program stands; -1 where nothing is started. */
function firstArgument(program: string, rest: readonly Word[], options: RegExp): number {
  let left = program === 'timeout' ? 1 : 0;
  for (let at = 0; at < rest.length; at++) {
    const text = rest[at]?.value ?? '';
    if (options.test(text)) at += 1;
    else if (!text.startsWith('-') && !(/^[A-Za-z_]\w*=/.test(text) && /^(?:env|sudo|doas)$/.test(program)) && left-- === 0) return at;
  }
  return -1;
}

/** What a redirect gives to stdin: the text of a here-document or of a here-string, or the file. */
export const inputOf = ({ operator, body, content, target }: Redirect): Word | undefined => (operator === '<<' || operator === '<<-' ? (body ?? (content === undefined || target === undefined ? undefined : target)) : operator === '<<<' || operator === '<' ? target : undefined);

/** The text that here-documents and here-strings put on stdin, as it stands: what runs it reads it so. */
export const textGiven = (redirects: readonly Redirect[]): string => redirects.map(({ operator, content }) => (operator.startsWith('<<') ? (content ?? '') : '')).join('');

/** True where stdout of the command goes to a file that nobody is shown. */
export function outputFile(redirects: readonly Redirect[]): Word | null {
  for (const { operator, target, fileDescriptor } of redirects.toReversed()) {
    if (target === undefined || !['>', '>>', '>|', '&>', '&>>'].includes(operator) || (fileDescriptor !== undefined && fileDescriptor !== 1)) continue;
    return /^\/dev\/(?:std|fd|tty|console|pts|tcp|udp)|^\/proc\/|^&|GITHUB_(?:STEP_SUMMARY|OUTPUT)/.test(target.value) || [...expansionsOf(target)].some(({ type }) => type === 'ProcessSubstitution') ? null : target;
  }
  return null;
}
