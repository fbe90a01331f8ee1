// Programs that run other programs: what they run is what counts.
import { changes, destroys, reads, type Argument, type Judgement } from './judgement.ts';

export interface Inner {
  /** What the wrapper itself does. */
  least: Judgement;
  /** Commands, word by word. */
  words?: readonly (readonly Argument[])[];
  /** Commands, as text of the shell. */
  scripts?: readonly string[];
}

/** Options of each wrapper that take the next word. */
const WITH_VALUE: Readonly<Record<string, readonly string[]>> = {
  sudo: ['-u', '-g', '-h', '-p', '-C', '-r', '-t', '-T', '-U', '-D'], doas: ['-u', '-C'], nice: ['-n'], ionice: ['-c', '-n', '-p'], timeout: ['-s', '-k'], stdbuf: ['-i', '-o', '-e'], env: ['-u', '-C'], watch: ['-n', '--interval'], xargs: ['-I', '-n', '-P', '-L', '-d', '-a', '-E', '-s'], parallel: ['-j', '--jobs'], time: ['-f', '-o'], exec: ['-a'], flock: ['-w', '-E'], strace: ['-e', '-o', '-p', '-s'],
};
const WRAPPERS = new Set(['sudo', 'doas', 'nice', 'ionice', 'timeout', 'stdbuf', 'env', 'watch', 'xargs', 'parallel', 'time', 'exec', 'nohup', 'setsid', 'command', 'builtin', 'busybox', 'strace', 'flock', 'chroot', 'unbuffer', 'caffeinate']);
const SHELLS = new Set(['bash', 'sh', 'zsh', 'dash', 'ksh', 'ash', 'fish']);
/** Words between a wrapper and its command that are neither. */
const OWN_WORDS: Readonly<Record<string, number>> = { timeout: 1, flock: 1, chroot: 1 };

/** What a wrapper runs; null for a program that runs nothing else. `piped`: its input comes from another command. */
export function unwrapped(name: string, args: readonly Argument[], piped: boolean): Inner | null {
  if (SHELLS.has(name)) return shell(name, args, piped);
  if (name === 'eval') return args.includes(null) ? { least: destroys('it runs text that is known only when it runs') } : { least: reads(), scripts: [args.join(' ')] };
  if (name === 'source' || name === '.') return { least: destroys('it runs a script of which nothing is known') };
  if (name === 'ssh') return ssh(args);
  if (name === 'find') return find(args);
  if (!WRAPPERS.has(name)) return null;
  return wrapper(name, args);
}

function wrapper(name: string, args: readonly Argument[]): Inner {
  const command = behindOptions(args, WITH_VALUE[name] ?? []).slice(OWN_WORDS[name] ?? 0);
  const least = name === 'sudo' || name === 'doas' ? changes('it runs as root') : name === 'strace' || name === 'chroot' ? changes(`${name} runs another program`) : reads();
  if (name === 'env' && args.some((arg) => arg === null || arg.startsWith('-S') || arg.startsWith('--split-string'))) return { least: destroys('it runs text that was hidden from the shell') };
  const assigned = command.findIndex((word) => word === null || !/^\w+=/.test(word));
  if (assigned > 0) return { least: changes('it sets variables for the program that it runs'), words: [command.slice(assigned)] };
  if (assigned === -1) return { least };
  if (name === 'watch') return { least, ...(command.includes(null) ? { words: [command] } : { scripts: [command.join(' ')] }) };
  if (name === 'command' && /^-[vV]$/.test(args[0] ?? '')) return { least: reads() };
  return { least, words: [command] };
}

/** The words from the command on. */
function behindOptions(args: readonly Argument[], valued: readonly string[]): readonly Argument[] {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? null;
    if (arg === '--') return args.slice(at + 1);
    if (arg === null || !arg.startsWith('-')) return args.slice(at);
    if (valued.includes(arg)) at++;
  }
  return [];
}

function shell(name: string, args: readonly Argument[], piped: boolean): Inner {
  const at = args.findIndex((arg) => arg !== null && /^-[a-z]*c$/.test(arg));
  const script = args[at + 1];
  if (at !== -1) return typeof script === 'string' ? { least: reads(), scripts: [script] } : { least: destroys(`${name} runs text that is known only when it runs`) };
  if (args.includes('-n')) return { least: reads('it checks the script and runs nothing') };
  if (args.includes('--version')) return { least: reads() };
  if (piped || args.some((arg) => arg === '-s' || arg === '-')) return { least: destroys(`${name} runs whatever it is sent`) };
  return { least: args.length === 0 ? changes(`it opens ${name}`) : destroys('it runs a script of which nothing is known') };
}

function ssh(args: readonly Argument[]): Inner {
  const odd = args.some((arg) => arg !== null && /^-[oFIJLRDWw]/.test(arg));
  const [, ...command] = behindOptions(args, ['-p', '-i', '-l', '-o', '-F', '-J', '-L', '-R', '-D', '-W', '-b', '-c', '-m', '-E', '-e', '-I', '-Q', '-S', '-w']);
  const least = odd || command.length === 0 ? changes('it opens a connection that may do more') : reads();
  return command.includes(null) ? { least: changes('what runs over there is known only when it runs') } : { least, ...(command.length === 0 ? {} : { scripts: [command.join(' ')] }) };
}

/** `-exec`, `-execdir`, `-ok`: the words until `;` or `+`. */
function find(args: readonly Argument[]): Inner {
  const words: Argument[][] = [];
  let inside: Argument[] | undefined;
  for (const arg of args) {
    if (inside !== undefined && (arg === ';' || arg === '+')) inside = undefined;
    else if (inside !== undefined) inside.push(arg);
    else if (arg !== null && /^-(?:exec|execdir|ok|okdir)$/.test(arg)) words.push((inside = []));
  }
  const least = args.includes('-delete') ? destroys('it deletes every file that matches') : args.some((arg) => arg !== null && /^-f(?:print|printf|print0|ls)$/.test(arg)) ? changes('it writes a file') : reads();
  return { least, words: words.filter((each) => each.length > 0) };
}
