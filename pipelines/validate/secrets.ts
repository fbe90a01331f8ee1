// Secrets: none in the files, none printed or sent, no host that nobody named, nothing run that was just downloaded.
import type { PipelineProposal } from '../../contract/pipeline.ts';
import { bareHosts } from './bare-hosts.ts';
import { commandsOf } from './commands.ts';
import { expressionsIn, isSecretExpression, isStrangers, neutral } from './expressions.ts';
import type { CiFile, ReadFiles } from './files.ts';
import { flowsOf } from './flows.ts';
import { hostProblem, hostsIn } from './hosts.ts';
import { codeLeaks } from './inline-code.ts';
import { instructionsOf } from './instructions.ts';
import { Problems } from './problem.ts';
import { isPosix, textOfScript, type Script } from './scripts.ts';
import { fromSecret, saysSecret, secretTest } from './secret-names.ts';
import { lookingValues, namedValues } from './secret-values.ts';
import { itemsOf, linesOf, member, membersOf, scalarsOf, textOf, under, type Tree, type TreeScalar } from './tree.ts';

/** What the files are held against. */
export interface Known {
  hosts: ReadonlySet<string>;
  /** CI variables that are secret whatever their names. */
  secretVariables: readonly string[];
}

/** All that is against the files of a proposal and their scripts. */
export function checkSecrets({ files }: Pick<PipelineProposal, 'files'>, read: ReadFiles, scripts: readonly Script[], known: Known): Problems {
  const problems = new Problems('secrets');
  const ci = [...read.gitlab, ...read.github];
  const isSecret = secretTest(ci, known.secretVariables);
  const sets = new Map<string, string>(ci.flatMap(({ root }) => [...scalarsOf(root)].flatMap(({ scalar, above }) => settingOf(scalar, above))));
  for (const file of files) lookingValues(file, problems);
  for (const file of ci) {
    namedValues(file, problems);
    checkSettings(file, known.hosts, sets, problems);
  }
  for (const { root } of read.github) checkWorkflow(root, isSecret, problems);
  for (const file of read.dockerfiles) checkDockerfile(file, known.hosts, problems);
  for (const script of scripts) checkScript(script, { isSecret, hosts: known.hosts, sets, problems });
  return problems;
}

/** `variables` and `env` set a variable. */
function settingOf({ text }: TreeScalar, above: readonly string[]): [string, string][] {
  const at = above.findLastIndex((each) => each === 'variables' || each === 'env');
  const name = at === -1 ? undefined : above[at + 1];
  return name === undefined ? [] : [[name, text]];
}

interface Around {
  isSecret: (name: string) => boolean;
  hosts: ReadonlySet<string>;
  sets: ReadonlyMap<string, string>;
  problems: Problems;
}

function checkScript(script: Script, { isSecret, hosts, sets, problems }: Around): void {
  const text = textOfScript(script);
  strangersIn(script, problems);
  const plain = neutral(text, isSecret);
  if (!isPosix(script)) {
    for (const what of codeLeaks(plain, script.shell, isSecret)) problems.error(script.place, `${script.of} prints ${what}`);
    tellHosts(script, () => [], new Map(), { hosts, sets, problems });
    return;
  }
  try {
    const { flows, sets: own } = flowsOf(plain, isSecret);
    for (const { pos, severity, message } of flows) problems[severity](placeAt(script, plain, pos), `${script.of} ${message}`);
    const commands = commandsOf(plain);
    tellHosts(script, () => commands.flatMap((command) => bareHosts(command).map((host) => ({ host, place: placeAt(script, plain, command.pos) }))), own, { hosts, sets, problems });
  } catch (error) {
    problems.error(script.place, `${script.of} cannot be followed, so that nobody knows what it does with secrets: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The line in the file of a position in the text. */
const placeAt = ({ lines, place }: Script, text: string, pos: number): Script['place'] => lines[text.slice(0, pos).split('\n').length - 1]?.place ?? place;

function tellHosts(script: Script, bare: () => { host: string; place: Script['place'] }[], own: ReadonlyMap<string, string>, { hosts, sets, problems }: Omit<Around, 'isSecret'>): void {
  const all = new Map([...sets, ...own]);
  const named = script.lines.filter(({ text }) => !/^\s*#/.test(text)).flatMap(({ text, place }) => hostsIn(text).map((host) => ({ host, place })));
  for (const { host, place } of [...named, ...bare()]) {
    const wrong = hostProblem(host, hosts, all);
    if (wrong !== null) problems.error(place, `${script.of} ${wrong}`);
  }
}

function strangersIn({ of, lines }: Script, problems: Problems): void {
  for (const { text, place } of lines) if (expressionsIn(text).some(isStrangers)) problems.error(place, `${of} puts into a script what a stranger wrote (a title, a branch): give it by env and quote it`);
}

/** Keys whose texts are shown, or are scripts that are checked as such. */
const NOT_SETTINGS = new Set(['script', 'before_script', 'after_script', 'run', 'name', 'description', 'url']);
const TRACES = /^(?:CI_DEBUG_TRACE|ACTIONS_STEP_DEBUG|ACTIONS_RUNNER_DEBUG|RUNNER_DEBUG)$/;

/** Settings outside of scripts: hosts, includes from elsewhere, and switches that print every variable. */
function checkSettings({ root }: CiFile, hosts: ReadonlySet<string>, sets: ReadonlyMap<string, string>, problems: Problems): void {
  for (const { scalar, above } of scalarsOf(root)) {
    if (above.some((each) => TRACES.test(each)) && /^(?:true|1|yes)$/i.test(scalar.text)) problems.error(scalar, `${above.at(-1)} prints every variable into the log`);
    if (NOT_SETTINGS.has(above.at(-1) ?? '') || NOT_SETTINGS.has(above.find((each) => /script$|^run$/.test(each)) ?? '')) continue;
    for (const { text, place } of linesOf(scalar)) for (const host of hostsIn(text)) {
      const wrong = hostProblem(host, hosts, sets);
      if (wrong !== null) problems.error(place, `${above.slice(0, 4).join('.')} ${wrong}`);
    }
  }
  for (const include of itemsOf(member(root, 'include'))) for (const key of ['remote', 'project', 'component']) {
    const from = member(include, key);
    if (from !== undefined) problems.warning(from, `includes ${textOf(from)}, whose jobs are not checked here`);
  }
}

/** What GitHub's workflows can do beside scripts. */
function checkWorkflow(root: CiFile['root'], isSecret: (name: string) => boolean, problems: Problems): void {
  const on = member(root, 'on');
  const forStrangers = on === undefined ? undefined : itemsOf(on).find((event) => textOf(event) === 'pull_request_target') ?? member(on, 'pull_request_target');
  const jobs = membersOf(member(root, 'jobs'));
  for (const holder of [root, ...jobs.map(([, job]) => job)]) {
    const permissions = member(holder, 'permissions');
    if (permissions !== undefined && textOf(permissions) === 'write-all') problems.warning(permissions, 'gives its token every right: name the ones that it needs');
  }
  for (const [name, job] of jobs) givenAway(name, job, isSecret, problems);
  for (const [name, job] of jobs) for (const step of itemsOf(member(job, 'steps'))) {
    const script = under(step, 'with', 'script');
    const code = textOf(script) ?? '';
    if (script !== undefined && expressionsIn(code).some((each) => isSecretExpression(each, isSecret))) problems.error(script, `job ${name} puts a secret into code of an action, which can print it`);
    if (script !== undefined && expressionsIn(code).some(isStrangers)) problems.error(script, `job ${name} puts into code what a stranger wrote: give it by env`);
    const ref = under(step, 'with', 'ref');
    if (forStrangers !== undefined && ref !== undefined && /github\.(?:event\.pull_request\.head|head_ref)/.test(textOf(ref) ?? '')) problems.error(ref, `job ${name} runs the code of strangers with the secrets of the repository (pull_request_target)`);
  }
}

/** Workflows and actions from elsewhere: what they do, and with the secrets that they get, is not seen here. */
function givenAway(name: string, job: Tree, isSecret: (name: string) => boolean, problems: Problems): void {
  const foreign = (holder: Tree): string | undefined => [textOf(member(holder, 'uses'))].find((uses) => uses !== undefined && !/^(?:\.\/|actions\/)/.test(uses));
  const whole = foreign(job);
  if (whole !== undefined) problems.warning(job, `job ${name} is ${whole}, whose jobs are not checked here${member(job, 'secrets') === undefined ? '' : ', and which gets secrets'}`);
  for (const step of itemsOf(member(job, 'steps'))) {
    const [action, secret] = [foreign(step), [...scalarsOf(step)].find(({ scalar }) => fromSecret(scalar.text, isSecret))];
    if (action !== undefined && secret !== undefined) problems.warning(secret.scalar, `job ${name} gives a secret to ${action}, which is not checked here`);
  }
}

/** Secrets that stay in the layers of an image, and hosts of ADD. */
function checkDockerfile({ path, content }: PipelineProposal['files'][number], hosts: ReadonlySet<string>, problems: Problems): void {
  for (const { name, args, line } of instructionsOf(content)) {
    const place = { path, line };
    if (name === 'ENV' || name === 'ARG') for (const { 1: variable = '', 2: value = '' } of args.matchAll(/([A-Za-z_]\w*)(?:[= ]("[^"]*"|'[^']*'|\S+))?/g)) {
      if (!saysSecret(variable) || /_?(?:FILE|PATH|URL)$/.test(variable)) continue;
      if (name === 'ARG') problems.error(place, `ARG ${variable} stays in the history of the image: use RUN --mount=type=secret`);
      else if (value !== '') problems.error(place, `ENV ${variable} stays in the image: give it when the container starts`);
    }
    if (name !== 'RUN') for (const host of hostsIn(args)) {
      const wrong = name === 'LABEL' ? null : hostProblem(host, hosts, new Map());
      if (wrong !== null) problems.error(place, `${name} ${wrong}`);
    }
  }
}
