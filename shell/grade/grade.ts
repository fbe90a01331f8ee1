// Grades a line of bash by what its commands can do: it reads, changes or destroys. What is not understood changes, at least.
import type { Redirect } from 'unbash';
import { commandsOf, literal, type FoundCommand } from './commands.ts';
import { ENGINE_JUDGES, judgeKafka } from './engines.ts';
import { judgeGit } from './git.ts';
import { changes, destroys, reads, worst, type Argument, type Judgement } from './judgement.ts';
import { judgeProgram } from './programs.ts';
import { unwrapped } from './wrappers.ts';

/** Scripts in quotes are read too; a line that nests deeper is up to no good. */
const DEEPEST = 6;

/** The worst that the line can do, and why. Never fails, and never runs anything. */
export function grade(line: string, depth = 0): Judgement {
  if (depth > DEEPEST) return destroys('it hides commands in commands');
  try {
    const { commands, strange } = commandsOf(line);
    if (commands.length === 0 && strange.length === 0) return changes('no command was found in it');
    return worst([...commands.map((command) => judgeCommand(command, depth)), ...strange.map((what) => changes(what))]);
  } catch {
    return changes('it cannot be read');
  }
}

function judgeCommand({ words, variables, redirects, piped }: FoundCommand, depth: number): Judgement {
  const bare = words.length === 0 || (words.length === 1 && (words[0] === ':' || words[0] === 'true'));
  const harmless = variables.every((name) => /^(?:LC_\w+|LANG|TZ|NO_COLOR|COLUMNS)$/.test(name));
  return worst([
    ...(words.length === 0 ? [] : [judgeWords(words, piped, depth)]),
    ...redirects.map((redirect) => judgeRedirect(redirect, bare)),
    ...(harmless ? [] : [changes(`it sets ${variables.join(', ')}`)]),
  ]);
}

function judgeWords(words: readonly Argument[], piped: boolean, depth: number): Judgement {
  const [first, ...args] = words;
  if (first === null || first === undefined) return changes('which command runs is known only when it runs');
  const name = first.slice(first.lastIndexOf('/') + 1);
  const inner = unwrapped(name, args, piped);
  if (inner !== null) {
    const judged = inner.words === undefined ? inner.scripts?.map((script) => grade(script, depth + 1)) : inner.words.map((each) => (depth >= DEEPEST ? destroys('it hides commands in commands') : judgeWords(each, true, depth + 1)));
    return worst([inner.least, ...(judged ?? [])]);
  }
  if (name === 'git') return judgeGit(args);
  if (name.startsWith('kafka-')) return judgeKafka(name.replace(/\.(?:sh|bat)$/, ''))(args);
  const judge = Object.hasOwn(ENGINE_JUDGES, name) ? ENGINE_JUDGES[name] : judgeProgram(name);
  return judge?.(args) ?? unknown(name, args);
}

/** Nothing is known of the program: it changes, unless its words say worse. */
function unknown(name: string, args: readonly Argument[]): Judgement {
  if (args.some((arg) => /\b(?:drop|truncate)\s+(?:table|database|schema|view|index)\b/i.test(arg ?? ''))) return destroys('its words drop or truncate data');
  if (args.some((arg) => arg !== null && /^(?:--?(?:force|delete|purge|destroy|prune|wipe|overwrite)(?:=.*)?|delete|destroy|purge)$/i.test(arg))) return destroys(`${name} is told to delete or to force`);
  return changes(`PIVO does not know what ${name} does`);
}

const NO_FILES = /^\/dev\/(?:null|stdout|stderr|tty|fd\/\d+)$/;

function judgeRedirect({ operator, target }: Redirect, bare: boolean): Judgement {
  if (operator.startsWith('<') && operator !== '<>') return reads();
  const file = target === undefined ? null : literal(target);
  if (file !== null && (NO_FILES.test(file) || ((operator === '>&' || operator === '<&') && /^\d+-?$|^-$/.test(file)))) return reads();
  if (file?.startsWith('/dev/') === true) return destroys(`it writes over the device ${file}`);
  if (operator === '>>' || operator === '&>>') return changes(`it adds to ${file ?? 'a file'}`);
  return bare ? destroys(`it empties ${file ?? 'a file'}`) : changes(`it overwrites ${file ?? 'a file'}, where that is there`);
}
