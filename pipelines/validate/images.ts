// Images and actions by exact version: a tag that names one release, a digest, or a full commit id.
import type { ProposedFile } from '../../contract/pipeline.ts';
import { gitlabPipeline, globalKey, jobKey, jobVariables } from './gitlab.ts';
import type { CiFile, ReadFiles } from './files.ts';
import { imageProblem } from './image-name.ts';
import { instructionsOf } from './instructions.ts';
import { Problems, type Place } from './problem.ts';
import { itemsOf, member, membersOf, textOf, under, type Tree } from './tree.ts';

/** Images of jobs and services, bases of Dockerfiles, and GitHub's actions and runners. */
export function checkImages(files: ReadFiles, knownHosts: ReadonlySet<string>): Problems {
  const problems = new Problems('images');
  const tell = (image: string, place: Place, whose: string): void => {
    const wrong = imageProblem(image, knownHosts);
    if (wrong !== null) problems[wrong.severity](place, `${whose} ${wrong.message}`);
  };
  gitlabImages(files.gitlab, tell);
  for (const { root } of files.github) githubImages(root, tell, problems);
  for (const file of files.dockerfiles) dockerImages(file, tell);
  return problems;
}

type Tell = (image: string, place: Place, whose: string) => void;

function gitlabImages(files: readonly CiFile[], tell: Tell): void {
  const pipeline = gitlabPipeline(files);
  const told = (holders: readonly Tree[], variables: ReadonlyMap<string, string>, whose: string): void => {
    for (const each of holders) {
      const image = textOf(each) ?? textOf(member(each, 'name'));
      if (image !== undefined) tell(filled(image, variables), each, whose);
    }
  };
  for (const job of pipeline.jobs.values()) {
    const variables = jobVariables(pipeline, job);
    const matrix = itemsOf(under(job.tree, 'parallel', 'matrix')).flatMap((each) => membersOf(each).flatMap(([name, values]) => itemsOf(values).map((value): [string, string] => [name, textOf(value) ?? ''])));
    const images = [...itemsOf(jobKey(pipeline, job, 'image')), ...itemsOf(jobKey(pipeline, job, 'services'))];
    told(images, matrix.length === 0 ? variables : new Map([...variables, ...matrix]), `job ${job.name}:`);
  }
  const top = new Map(membersOf(globalKey(pipeline, 'variables')).map(([name, value]) => [name, textOf(value) ?? textOf(member(value, 'value')) ?? '']));
  const defaults = globalKey(pipeline, 'default');
  told([globalKey(pipeline, 'image'), member(defaults, 'image')].flatMap(itemsOf), top, 'the default:');
  told([globalKey(pipeline, 'services'), member(defaults, 'services')].flatMap(itemsOf), top, 'the default:');
}

/** Variables that the file sets are put in; the others stay as they are. */
function filled(image: string, variables: ReadonlyMap<string, string>, level = 0): string {
  const text = image.replaceAll(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced?: string, bare?: string) => variables.get(braced ?? bare ?? '') ?? whole);
  return text === image || level >= 5 || text.length > 1000 ? text : filled(text, variables, level + 1);
}

function githubImages(root: Tree, tell: Tell, problems: Problems): void {
  for (const [name, job] of membersOf(member(root, 'jobs'))) {
    const whose = `job ${name}:`;
    const image = (each: Tree | undefined): void => {
      const value = each?.kind === 'map' ? member(each, 'image') : each;
      for (const text of expanded(textOf(value) ?? '', job)) if (value !== undefined && text !== '') tell(text, value, whose);
    };
    image(member(job, 'container'));
    for (const [, service] of membersOf(member(job, 'services'))) image(service);
    action(member(job, 'uses'), whose, tell, problems);
    for (const step of itemsOf(member(job, 'steps'))) action(member(step, 'uses'), whose, tell, problems);
    for (const runner of itemsOf(member(job, 'runs-on'))) for (const text of expanded(textOf(runner) ?? '', job)) if (/^(?:ubuntu|windows|macos)-latest$/.test(text)) problems.warning(runner, `${whose} runs on ${text}, which is another machine every year: name its version`);
  }
}

/** `${{ matrix.name }}` becomes each value of the matrix. */
function expanded(text: string, job: Tree): string[] {
  const [whole, name = ''] = /\$\{\{\s*matrix\.([\w-]+)\s*\}\}/.exec(text) ?? [];
  if (whole === undefined) return [text];
  const matrix = under(job, 'strategy', 'matrix');
  const values = [...itemsOf(member(matrix, name)), ...itemsOf(member(matrix, 'include')).flatMap((each) => member(each, name) ?? [])].flatMap((each) => textOf(each) ?? []);
  return values.length === 0 ? [text] : values.slice(0, 50).flatMap((value) => (value.includes('${{') ? [text] : expanded(text.replace(whole, () => value), job)));
}

/** An action of the repository itself needs no version; a tag must be a whole one, since `v4` moves. */
function action(uses: Tree | undefined, whose: string, tell: Tell, problems: Problems): void {
  const text = textOf(uses);
  if (uses === undefined || text === undefined || text.startsWith('./')) return;
  if (text.startsWith('docker://')) return tell(text.slice('docker://'.length), uses, whose);
  const [name = '', version] = text.split('@');
  if (version === undefined || version === '') problems.error(uses, `${whose} the action ${name} has no version`);
  else if (!/^[0-9a-f]{40}$/.test(version) && !/^[\w.-]*?v?\d+\.\d+\.\d+(?:[-+.][\w.]+)?$/.test(version)) problems.error(uses, `${whose} the action ${name}@${version} can change: name a release (v1.2.3) or a full commit id`);
  return undefined;
}

/** Bases of stages, with ARGs that stand before; stages of the same file are none. */
function dockerImages({ path, content }: ProposedFile, tell: Tell): void {
  const args = new Map<string, string>();
  const stages = new Set<string>();
  for (const { name, args: text, options, line } of instructionsOf(content)) {
    const [image = '', , stage] = text.split(/\s+/);
    if (name === 'ARG') for (const { 1: arg = '', 2: value = '' } of text.matchAll(/(\w+)=("[^"]*"|'[^']*'|\S+)/g)) args.set(arg, value.replaceAll(/^["']|["']$/g, ''));
    else if (name === 'FROM') {
      const base = filled(image.replaceAll(/\$\{(\w+):-[^}]*\}/g, '$${$1}'), args);
      if (!stages.has(base.toLowerCase()) && base !== 'scratch') tell(base, { path, line }, 'FROM:');
      if (stage !== undefined) stages.add(stage.toLowerCase());
    } else if (name === 'COPY') {
      const from = options.find((option) => option.startsWith('--from='))?.slice('--from='.length);
      if (from !== undefined && !stages.has(from.toLowerCase()) && !/^\d+$/.test(from)) tell(filled(from, args), { path, line }, 'COPY --from:');
    }
  }
}
