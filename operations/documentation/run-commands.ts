// Commands by which the parts of a repository are installed and run, composed from facts; nobody has run them.
import type { Fact } from '../../contract/analysis.ts';
import { isAside } from './sections.ts';

export interface RunCommand {
  command: string;
  what: string;
  file: string;
  line: number | null;
}

/** Paths that need no quotes in any shell; others are left out. */
/** What runs the commands that a file defines. */
function runnerOf(file: string): string {
  if (file.endsWith('package.json')) return 'npm run';
  return file.endsWith('composer.json') ? 'composer run' : 'make';
}

const PLAIN = /^[\w./@+-]+$/;

const folderOf = (file: string): string => file.split('/').slice(0, -1).join('/');
const inFolder = (file: string, command: string): string => (folderOf(file) === '' ? command : `cd ${folderOf(file)} && ${command}`);

export function runCommands(facts: readonly Fact[], withAside: boolean): RunCommand[] {
  const own = facts.filter(({ file }) => PLAIN.test(file) && !file.startsWith('-') && (withAside || !isAside(file)));
  return [...own.flatMap((fact) => installs(fact, facts)), ...images(own), ...own.flatMap((fact) => starts(fact, facts))];
}

function installs({ kind, name, file }: Fact, facts: readonly Fact[]): RunCommand[] {
  if (kind !== 'buildSystem') return [];
  const locked = facts.some((fact) => fact.kind === 'lockfile' && fact.name === 'npm' && folderOf(fact.file) === folderOf(file));
  const commands: Record<string, string> = {
    npm: inFolder(file, locked ? 'npm ci' : 'npm install'), pip: `pip install -r ${file}`, Maven: inFolder(file, 'mvn package'), Gradle: inFolder(file, 'gradle build'), sbt: inFolder(file, 'sbt package'), 'Go modules': inFolder(file, 'go build ./...'),
    Cargo: inFolder(file, 'cargo build'), 'Python (pyproject)': inFolder(file, 'pip install .'), conda: `conda env create -f ${file}`, Pipenv: inFolder(file, 'pipenv install'), dbt: inFolder(file, 'dbt deps && dbt build'),
  };
  const command = commands[name];
  return command === undefined ? [] : [{ command, what: `installs or builds by ${name}`, file, line: null }];
}

/** One command for each compose file and each Dockerfile, at the first fact of each. */
function images(facts: readonly Fact[]): RunCommand[] {
  const seen = new Set<string>();
  return facts.flatMap(({ kind, detail, file, line }) => {
    const isService = kind === 'service' && detail.startsWith('a service of compose');
    if ((!isService && !(kind === 'container' && detail === 'base image')) || seen.has(file)) return [];
    seen.add(file);
    return [isService ? { command: `docker compose -f ${file} up`, what: 'starts the services', file, line } : { command: `docker build -f ${file} .`, what: 'builds the image', file, line }];
  });
}

function starts({ kind, name, detail, file, line }: Fact, facts: readonly Fact[]): RunCommand[] {
  const at = { file, line };
  if (kind === 'command' && PLAIN.test(name.replaceAll(':', ''))) return [{ command: inFolder(file, `${runnerOf(file)} ${name}`), what: detail, ...at }];
  if (kind !== 'entryPoint') return [];
  if (name === '__main__') return [{ command: `${isSpark(file, facts) ? 'spark-submit' : 'python'} ${file}${requiredArguments(file, facts)}`, what: 'runs the script', ...at }];
  if (detail.endsWith('runs as a shell script')) return [{ command: `${name.includes('bash') ? 'bash' : 'sh'} ${file}`, what: 'runs the script', ...at }];
  return file.endsWith('.go') && name === 'main' ? [{ command: `go run ./${folderOf(file)}`, what: 'runs the program', ...at }] : [];
}

const isSpark = (of: string, facts: readonly Fact[]): boolean => facts.some(({ file, detail }) => file === of && /\bby Spark\b|Spark application/.test(detail));

function requiredArguments(of: string, facts: readonly Fact[]): string {
  const names = facts.filter(({ kind, file, detail }) => kind === 'configuration' && file === of && detail.startsWith('required argument')).map(({ name }) => name);
  return names.map((name) => ` ${name.startsWith('--') ? `${name} …` : name.toUpperCase()}`).join('');
}
