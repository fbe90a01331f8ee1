// Variables that GitLab's scripts use and nothing sets: not the files, not the script, not GitLab, not the system.
import { commandsOf } from './commands.ts';
import { neutral } from './expressions.ts';
import { flowsOf } from './flows.ts';
import type { GitlabPipeline } from './gitlab.ts';
import { Problems } from './problem.ts';
import { variablesOf } from './references-gitlab.ts';
import { textOfScript, type Script } from './scripts.ts';
import { saysSecret } from './secret-names.ts';
import { neededIn } from './words.ts';

/** Set by GitLab, its runners, shells, or images of languages as their makers document them. */
const ELSEWHERE = /^(?:CI|GITLAB|FF|RUNNER|DOCKER|GO|JAVA|MAVEN|GRADLE|NODE|NPM|PYTHON|PIP|CARGO|RUSTUP|RUBY|GEM|BUNDLE|PHP|COMPOSER|DOTNET|NUGET|SPARK|HADOOP|TF|KUBE|XDG|LC|BASH)(?:_\w+)?$|^(?:HOME|PATH|PWD|OLDPWD|USER|LOGNAME|SHELL|HOSTNAME|LANG|TERM|TMPDIR|TZ|IFS|UID|EUID|PPID|RANDOM|SECONDS|LINENO|OSTYPE|HOSTTYPE|MACHTYPE|REPLY|OPTARG|OPTIND|FUNCNAME|PIPESTATUS|GOPATH|GOROOT|TRIGGER_PAYLOAD|CHAT_INPUT|CHAT_CHANNEL|CHAT_USER_ID|EDITOR|DEBIAN_FRONTEND)$/;

/** A warning for each, once: whoever owns the project has to set it. Secrets are meant to be set there. */
export function checkVariables(pipeline: GitlabPipeline, scripts: readonly Script[]): Problems {
  const problems = new Problems('references');
  const ours = scripts.filter(({ within }) => within === 'gitlab');
  const read = ours.map((script) => ({ script, ...usesOf(neutral(textOfScript(script), () => false)) }));
  const set = new Set([...variablesOf(pipeline), ...read.flatMap(({ sets }) => sets)]);
  for (const { script, uses } of read) for (const name of uses) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(name) || set.has(name) || ELSEWHERE.test(name) || saysSecret(name)) continue;
    set.add(name);
    const line = script.lines.find(({ text }) => new RegExp(`\\$\\{?${name}\\b`).test(text));
    problems.warning(line?.place ?? script.place, `${script.of} uses ${name}, which the file does not set: it must be a variable of the project`);
  }
  return problems;
}

/** Names that a text uses without a value by default, and names that it sets. A text that cannot be read has none: others tell that. */
function usesOf(text: string): { uses: string[]; sets: string[] } {
  try {
    const { sets } = flowsOf(text, () => false);
    const uses = commandsOf(text).flatMap(({ name, suffix, prefix, redirects }) => [...(name === undefined ? [] : [name]), ...suffix, ...[...prefix.map(({ value }) => value), ...redirects.map(({ target }) => target)].flatMap((word) => word ?? [])]).flatMap(neededIn);
    return { uses, sets: [...sets.keys()] };
  } catch {
    return { uses: [], sets: [] };
  }
}
