// Which tools may be asked for their help, and how: a fixed list, so that no word of a request or a model names a program to start.
import type { Argument } from '../grade/judgement.ts';

export interface HelpQuestion {
  program: string;
  args: readonly string[];
  /** Asked too: names the options that every subcommand takes. */
  general?: readonly string[];
  /** The options that the command gives to it. */
  options: readonly string[];
  /** Tool and subcommand, for a person. */
  shown: string;
}

/** Ask with `--help`. */
const PLAIN = new Set('find grep ls du df sort uniq head tail wc cut cp mv rm mkdir ln chmod chown tar gzip sed split truncate stat diff sha256sum md5sum xargs rsync jq pgrep free uptime ss journalctl systemctl file spark-submit spark-sql pyspark'.split(' '));
const OTHERS: Readonly<Record<string, readonly string[]>> = { curl: ['--help', 'all'], ps: ['--help', 'all'] };
const KAFKA = new Set('topics configs console-consumer console-producer consumer-groups get-offsets log-dirs broker-api-versions metadata-quorum leader-election acls'.split(' '));
/** Those whose `-h` names their options; that of log, show and diff names a few only. */
const GIT = new Set('status blame shortlog grep branch tag switch checkout restore reset revert clean commit add stash cherry-pick merge rebase push pull fetch clone cat-file remote config'.split(' '));
const HDFS = new Set('ls du df count put get cp mv rm expunge mkdir cat text tail head chmod chown setrep getmerge test checksum stat createSnapshot'.split(' '));
const TEMPORAL = new Set('workflow list count describe show stack query result start execute signal cancel terminate delete reset schedule toggle trigger create update task-queue operator namespace cluster health search-attribute server start-dev batch'.split(' '));

/** Null for a command whose tool is not asked. */
export function helpQuestion(words: readonly Argument[]): HelpQuestion | null {
  const [name, ...args] = words;
  if (name === null || name === undefined) return null;
  if (name === 'git') return git(args);
  if (name === 'hdfs') return args[0] === 'dfs' ? hdfs(args.slice(1)) : null;
  if (name === 'temporal') return temporal(args);
  const script = /^kafka-([a-z-]+)(?:\.sh)?$/.exec(name)?.[1] ?? '';
  if (KAFKA.has(script)) return { program: name, args: ['--help'], options: optionsOf(args), shown: name };
  const other = Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined;
  if (!PLAIN.has(name) && other === undefined) return null;
  return { program: name, args: other ?? ['--help'], options: name === 'find' ? findOptions(args) : optionsOf(args), shown: name };
}

/** Options before `--`. */
function optionsOf(args: readonly Argument[]): string[] {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).filter((arg): arg is string => arg !== null && /^--?[A-Za-z0-9]/.test(arg));
}

/** What stands behind `-exec` is another command, and numbers such as `-7` are values. */
function findOptions(args: readonly Argument[]): string[] {
  let inside = false;
  return args.filter((arg): arg is string => {
    if (arg === ';' || arg === '+') inside = false;
    const counts = !inside && arg !== null && /^-[a-z]+$/i.test(arg);
    if (arg !== null && /^-(?:exec|ok)/.test(arg)) inside = true;
    return counts;
  });
}

function git(args: readonly Argument[]): HelpQuestion | null {
  const [verb, ...rest] = args;
  return typeof verb === 'string' && GIT.has(verb) ? { program: 'git', args: [verb, '-h'], options: optionsOf(rest), shown: `git ${verb}` } : null;
}

function hdfs(args: readonly Argument[]): HelpQuestion | null {
  const [verb, ...rest] = args;
  const name = verb?.replace(/^-/, '') ?? '';
  return HDFS.has(name) ? { program: 'hdfs', args: ['dfs', '-help', name], options: optionsOf(rest), shown: `hdfs dfs -${name}` } : null;
}

function temporal(args: readonly Argument[]): HelpQuestion | null {
  const first = args.findIndex((arg) => arg === null || !TEMPORAL.has(arg));
  const verbs = args.slice(0, first === -1 ? undefined : first) as string[];
  return verbs.length === 0 ? null : { program: 'temporal', args: [...verbs, '--help'], general: ['options'], options: optionsOf(args.slice(verbs.length)), shown: `temporal ${verbs.join(' ')}` };
}
