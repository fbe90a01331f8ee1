// Where secrets go in a script of a shell: printed, sent, kept in files; followed through variables, pipes, substitutions and functions.
import { parse, type AssignmentPrefix, type Command, type Node, type Pipeline, type Redirect, type Script as Parsed, type Statement, type Word } from 'unbash';
import { commandsIn, dumps, isMask, readsCode, textPrinted } from './commands.ts';
import { SECRET_MARK } from './expressions.ts';
import { DECODERS, DOWNLOADERS, FILTERS, HEADER_OPTIONS, INLINE, INTERPRETERS, KEEPERS, PRINTERS, SENDERS, SHELLS, TAKES_SECRET } from './programs.ts';
import type { Severity } from './problem.ts';
import { codeLeaks } from './inline-code.ts';
import { fromSecret } from './secret-names.ts';
import { inputOf, isDynamic, outputFile, scriptsIn, started, textGiven, variablesIn } from './words.ts';

export interface Flow {
  /** Where in the text of the script. */
  pos: number;
  severity: Severity;
  message: string;
}

/** A secret in the output of a command. */
interface Leak {
  pos: number;
  what: string;
}

export interface Flows {
  flows: Flow[];
  /** What the script sets: each variable with its text where it is literal, else the word as it stands. */
  sets: Map<string, string>;
}

const ROUNDS = 4;
const MOST_LENGTH = 65_536;
const MOST_HERE = 200;
/** A shell in a shell in a shell: deeper is not looked at, and said. */
const DEEPEST = 5;
const ALL = 'all variables, secret ones too';
const ENVIRON = /\/proc\/[^/]+\/environ/;

/** Follows the secrets of a script whose expressions are neutral. Fails with an Error for a text that cannot be read. */
export function flowsOf(text: string, isSecret: (name: string) => boolean): Flows {
  if (text.length > MOST_LENGTH || (text.match(/<</g)?.length ?? 0) > MOST_HERE) throw new Error(`is longer than ${MOST_LENGTH} characters or has more than ${MOST_HERE} here-documents`);
  const reader = new FlowReader(isSecret, text.includes(SECRET_MARK) || fromSecret(text, isSecret));
  const script = parse(text);
  for (let round = 0, known = -1; round < ROUNDS && reader.known !== known; round++) {
    known = reader.known;
    reader.begin();
    for (const { pos, what } of reader.output(script, [])) reader.tell(pos, 'error', `prints ${what}`);
  }
  return { flows: reader.flows, sets: reader.sets };
}

class FlowReader {
  readonly flows: Flow[] = [];
  readonly sets = new Map<string, string>();
  readonly #isSecret: (name: string) => boolean;
  readonly #names = new Set<string>();
  readonly #files = new Set<string>();
  readonly #functions = new Set<string>();
  readonly #inside = new Map<Parsed, readonly Leak[]>();
  readonly #mentions: boolean;
  /** Where text inside text stands. */
  #base: number | null = null;
  /** The text on the pipe to the command that comes next. */
  #piped = '';
  #depth = 0;

  constructor(isSecret: (name: string) => boolean, mentions: boolean) {
    this.#isSecret = isSecret;
    this.#mentions = mentions;
  }

  /** A round begins: what was learnt stays. */
  begin(): void {
    this.flows.length = 0;
    this.#inside.clear();
  }

  /** How much it has learnt. */
  get known(): number {
    return this.#names.size + this.#files.size + this.#functions.size;
  }

  tell(pos: number, severity: Severity, message: string): void {
    this.flows.push({ pos: this.#base ?? pos, severity, message });
  }

  /** The secrets in what a node prints, when `input` is on its stdin. */
  output(node: Node | Parsed, input: readonly Leak[]): Leak[] {
    switch (node.type) {
      case 'Command': return this.#command(node, input);
      case 'Pipeline': return this.#pipeline(node, input);
      case 'Statement': return this.#statement(node, input);
      case 'Script': case 'CompoundList': case 'AndOr': return (node.commands as Node[]).flatMap((each) => this.output(each, input));
      case 'If': return [node.clause, node.then, ...(node.else === undefined ? [] : [node.else])].flatMap((each) => this.output(each, input));
      case 'While': return [...this.output(node.clause, input), ...this.output(node.body, input)];
      case 'For': case 'Select':
        this.#assign(node.name.value, node.wordlist);
        return this.output(node.body, input);
      case 'Case': return node.items.flatMap(({ body }) => this.output(body, input));
      case 'Function':
        this.#functions.add(node.name.value);
        return this.#redirected(this.output(node.body, input), node.redirects);
      case 'Coproc': return this.#redirected(this.output(node.body, input), node.redirects);
      case 'Subshell': case 'BraceGroup': case 'ArithmeticFor': return this.output(node.body, input);
      default: return [];
    }
  }

  #statement({ command, redirects }: Statement, input: readonly Leak[]): Leak[] {
    return this.#redirected(this.output(command, [...input, ...this.#given(redirects)]), redirects);
  }

  /** A redirect into a file keeps what is printed, and the file is a secret from then on. */
  #redirected(leaks: Leak[], redirects: readonly Redirect[]): Leak[] {
    const file = outputFile(redirects);
    if (file === null || leaks.length === 0) return leaks;
    if (file.value !== '/dev/null') this.#files.add(file.value);
    const all = leaks.find(({ what }) => what === ALL);
    if (all !== undefined && file.value !== '/dev/null') this.tell(all.pos, 'warning', `keeps ${ALL}, in ${file.value}`);
    return [];
  }

  #pipeline({ commands }: Pipeline, input: readonly Leak[]): Leak[] {
    let leaks: Leak[] = [...input];
    const before: Node[] = [];
    for (const each of commands) {
      this.#runsFetched(each, before);
      this.#piped = textPrinted(before.at(-1));
      leaks = this.output(each, before.length === 0 ? input : leaks);
      before.push(each);
    }
    return leaks;
  }

  /** `curl … | sh`, and what is decoded on the way to a shell. */
  #runsFetched(node: Node, before: readonly Node[]): void {
    if (node.type !== 'Command' || before.length === 0) return;
    const { program, args } = started(node);
    if (!readsCode(program, args)) return;
    const programs = before.flatMap((each) => (each.type === 'Command' ? [started(each).program] : [...commandsIn(each)].map((command) => started(command).program)));
    if (programs.some((each) => DOWNLOADERS.has(each))) this.tell(node.pos, 'error', `runs with ${program} what it has just downloaded: fetch a file, check its checksum, then run it`);
    else if (programs.some((each) => DECODERS.has(each))) this.tell(node.pos, 'error', `runs with ${program} text that is decoded on the way, which nobody can read here`);
  }

  #command(command: Command, input: readonly Leak[]): Leak[] {
    const text = this.#piped + textGiven(command.redirects);
    this.#piped = '';
    for (const each of command.prefix) this.#prefix(each);
    const given = [...input, ...this.#given(command.redirects)];
    const words = [...(command.name === undefined ? [] : [command.name]), ...command.suffix, ...command.redirects.flatMap(({ target }) => target ?? [])];
    for (const word of words) for (const { script } of scriptsIn(word)) this.#within(script); // what they send is told
    if (command.redirects.some(({ target }) => target?.value.startsWith('/dev/tcp/') || target?.value.startsWith('/dev/udp/'))) this.tell(command.pos, 'error', 'opens a connection by /dev/tcp, which no host can be checked for');
    if (words.some(({ value }) => ENVIRON.test(value))) return this.#redirected([{ pos: command.pos, what: ALL }], command.redirects);
    const { program, name, args, wrapped } = started(command);
    return this.#redirected(name === undefined ? given : this.#started({ program, name, args: [...args], given, text, pos: command.pos, xargs: wrapped.includes('xargs') }), command.redirects);
  }

  #started(run: Run): Leak[] {
    const { program, name, args, given, pos } = run;
    const secret = args.find((arg) => this.#shows(arg));
    const own = secret === undefined ? [] : [{ pos, what: this.#named(secret) }];
    if (this.#functions.has(name.value) && own.length > 0) for (const each of ['1', '2', '3', '4', '5', '6', '7', '8', '9', '@', '*']) this.#names.add(each);
    this.#assigned(program, args, given);
    this.#traced(program, args, pos);
    if (dumps(program, args)) return [{ pos, what: ALL }];
    if (program === 'printenv') return args.filter(({ value }) => this.#secretName(value)).map(({ value }) => ({ pos, what: `the secret variable ${value}` }));
    if (SHELLS.has(program) || program === 'eval' || program === 'trap' || program === '.' || program === 'source') return this.#shell(run);
    if (INTERPRETERS.has(program)) return this.#interpreter(run);
    if (SENDERS.has(program)) return this.#sender(run, own);
    if (PRINTERS.has(program)) return isMask(args) || (program === 'printf' && args[0]?.value === '-v') ? [] : run.xargs ? [...own, ...given] : own;
    if (FILTERS.has(program)) return this.#filter(run, own);
    if (isDynamic(name)) return [...own.map(({ what }) => ({ pos, what: `${what}, perhaps: the command is known only when it runs` })), ...given];
    return KEEPERS.has(program) || args.some(({ value }) => TAKES_SECRET.test(value)) ? [] : given.map(({ what }) => ({ pos, what: `${what}, perhaps: nothing says that ${program} keeps it` }));
  }

  #filter({ program, args, given, pos }: Run, own: Leak[]): Leak[] {
    const code = program.endsWith('awk') ? codeLeaks(args.map(({ value }) => value).join(' '), program, (each) => this.#secretName(each)).map((what) => ({ pos, what })) : [];
    const leaks = [...own, ...given, ...code];
    if (leaks.length > 0 && program === 'tee') for (const { value } of args) if (!value.startsWith('-')) this.#files.add(value);
    const quiet = (program === 'sed' && args.some(({ value }) => /^-[a-zA-Z]*i|^--in-place/.test(value))) || (program.endsWith('grep') && args.some(({ value }) => /^-[a-zA-Z]*q|^--quiet/.test(value))) || (program === 'openssl' && args.some(({ value }) => /^-out$/.test(value)));
    return quiet ? [] : leaks;
  }

  /** `sh -c '…'`, `eval …`, `trap … EXIT`, `source <(…)`, `sh <<E`: text that is a script. */
  #shell({ program, args, given, text, pos }: Run): Leak[] {
    const at = SHELLS.has(program) ? args.findIndex(({ value }) => /^-[a-zA-Z]*c$/.test(value)) : -1;
    const texts = program === 'eval' ? args : program === 'trap' ? args.slice(0, 1) : at === -1 ? [] : args.slice(at + 1, at + 2);
    const programsIn = (words: readonly Word[]): string[] => words.flatMap(scriptsIn).flatMap(({ script }) => [...commandsIn(script)]).map((each) => started(each).program);
    if (programsIn(texts.filter((each) => /^"?(?:\$\(|`)/.test(each.text))).some((each) => DECODERS.has(each))) this.tell(pos, 'error', `runs with ${program} text that is decoded on the way, which nobody can read here`);
    if (programsIn(args).some((each) => DOWNLOADERS.has(each)) && (texts.length > 0 || program !== 'trap')) this.tell(pos, 'error', `runs with ${program} what it has just downloaded: fetch a file, check its checksum, then run it`);
    if (texts.length === 0) return readsCode(program, args) ? [...given, ...this.#inner(text, pos, [])] : [];
    return this.#inner(texts.map(({ value }) => value).join(' '), pos, given);
  }

  #inner(text: string, pos: number, given: readonly Leak[]): Leak[] {
    if (this.#depth >= DEEPEST) return [{ pos, what: 'what cannot be followed: shells in shells' }];
    const base = this.#base;
    this.#base ??= pos;
    this.#depth += 1;
    const leaks = this.output(parse(text), given);
    this.#depth -= 1;
    this.#base = base;
    return leaks.map(({ what }) => ({ pos, what }));
  }

  /** Code of another language: it is not read, but it may not name a secret variable, nor print all of them. */
  #interpreter({ program, args, given, text, pos }: Run): Leak[] {
    const at = args.findIndex(({ value }) => INLINE.test(value));
    const code = at === -1 ? (readsCode(program, args) ? text : '') : args.slice(at).map(({ value }) => value).join(' ');
    const here = given.length > 0 && (at !== -1 || readsCode(program, args)) ? given : [];
    return [...codeLeaks(code, program, (each) => this.#secretName(each)).map((what) => ({ pos, what })), ...here];
  }

  /** Secrets in headers are how one logs in; whether the host is a known one is the check of hosts. In bodies and addresses they leave. */
  #sender({ program, args, given, pos }: Run, own: readonly Leak[]): Leak[] {
    const free = args.filter((arg, at) => !HEADER_OPTIONS.test(args[at - 1]?.value ?? '') && !/^(?:-[Hu].|--(?:header|user|oauth2-bearer|http-password|password)=)/.test(arg.value));
    const sent = free.find((arg) => this.#shows(arg) || this.#files.has(arg.value.replace(/^.*@/, '')));
    const whole = args.some(({ value }) => /^(?:@-|-|.*=@-|-T-)$/.test(value)) || !/^(?:curl|wget)$/.test(program);
    const leak = sent === undefined ? (whole ? given[0]?.what : undefined) : this.#named(sent);
    const forge = args.some(({ value }) => /^["']?\$\{?(?:CI_API_V4_URL|CI_API_GRAPHQL_URL|GITHUB_API_URL)\b/.test(value)) && !/\/\//.test(args.map(({ value }) => value).join(' ').replaceAll(/\$\{?CI_\w+\}?/g, ''));
    if (leak !== undefined) this.tell(pos, forge ? 'warning' : 'error', `sends ${leak} by ${program}`);
    return own.length > 0 && args.some(({ value }) => /^(?:-[a-zA-Z]*v[a-zA-Z]*|--verbose|--trace.*)$/.test(value)) && program === 'curl' ? [{ pos, what: `${own[0]?.what}: curl --verbose shows the headers` }] : [];
  }

  /** `set -x` prints each command with its values. */
  #traced(program: string, args: readonly Word[], pos: number): void {
    const values = args.map(({ value }) => value);
    const on = (SHELLS.has(program) || program === 'set') && values.some((value, at) => /^-[a-wyzA-Z]*x[a-zA-Z]*$/.test(value) || (value === 'xtrace' && /^-[a-zA-Z]*o$/.test(values[at - 1] ?? '')));
    if (on) this.tell(pos, this.#mentions ? 'error' : 'warning', `${program} -x prints each command with the values of its variables`);
  }

  /** `export A=$B`, `read A <<< "$B"`, `printf -v A …`. */
  #assigned(program: string, args: readonly Word[], given: readonly Leak[]): void {
    if (/^(?:export|declare|local|readonly|typeset)$/.test(program)) for (const arg of args) {
      const name = /^([A-Za-z_]\w*)\+?=/.exec(arg.value)?.[1];
      if (name !== undefined) this.#assign(name, [arg], arg.value.slice(arg.value.indexOf('=') + 1));
    }
    if (/^(?:read|mapfile|readarray)$/.test(program)) for (const { value } of args) if (/^[A-Za-z_]\w*$/.test(value)) {
      this.sets.set(value, '$');
      if (given.length > 0) this.#names.add(value);
    }
    if (program === 'printf' && args[0]?.value === '-v' && args[1] !== undefined) this.#assign(args[1].value, args.slice(2));
  }

  #prefix({ name, value, array }: AssignmentPrefix): void {
    if (name !== undefined) this.#assign(name, [...(value === undefined ? [] : [value]), ...(array ?? [])]);
    for (const word of [...(value === undefined ? [] : [value]), ...(array ?? [])]) for (const { script } of scriptsIn(word)) this.#within(script);
  }

  #assign(name: string, words: readonly Word[], text = words.map(({ value }) => value).join(' ')): void {
    this.sets.set(name, words.some(isDynamic) ? `$ ${text}` : text);
    if (words.some((word) => this.#shows(word))) this.#names.add(name);
  }

  /** What redirects put on stdin. */
  #given(redirects: readonly Redirect[]): Leak[] {
    return redirects.flatMap((redirect) => {
      const word = inputOf(redirect);
      if (redirect.operator === '<' && ENVIRON.test(word?.value ?? '')) return [{ pos: redirect.pos, what: ALL }];
      return word !== undefined && (this.#shows(word) || (redirect.operator === '<' && this.#files.has(word.value))) ? [{ pos: redirect.pos, what: this.#named(word) }] : [];
    });
  }

  #secretName(name: string): boolean {
    return this.#names.has(name) || name === '!' || this.#isSecret(name);
  }

  /** True where the text of a word holds a secret: its variables, the mark of an expression, a file, or what a script in it prints. */
  #shows(word: Word): boolean {
    if (word.text.includes(SECRET_MARK) || this.#files.has(word.value)) return true;
    if (variablesIn(word).some((name) => this.#secretName(name))) return true;
    return scriptsIn(word).some(({ script }) => this.#within(script).length > 0);
  }

  /** What a script inside a word prints; looked at once a round, else scripts in scripts would take forever. */
  #within(script: Parsed): readonly Leak[] {
    const known = this.#inside.get(script);
    if (known !== undefined) return known;
    const leaks = this.output(script, []);
    this.#inside.set(script, leaks);
    return leaks;
  }

  #named(word: Word): string {
    const name = variablesIn(word).find((each) => this.#secretName(each));
    return name === undefined || name === '!' ? 'a secret' : /^[\d@*]$/.test(name) ? 'a secret that it was given' : `the secret variable ${name}`;
  }
}

interface Run {
  program: string;
  name: Word;
  args: Word[];
  given: readonly Leak[];
  /** Literal text on its stdin. */
  text: string;
  pos: number;
  xargs: boolean;
}
