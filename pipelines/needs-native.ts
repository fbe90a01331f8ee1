// Stacks that are compiled: Go, Rust, .NET, C and C++.
import { SAID } from '../analysis/manifests/said.ts';
import type { Fact } from '../contract/analysis.ts';
import type { Stack } from '../contract/pipeline.ts';
import { quote } from '../shell/quote.ts';
import { command, dependenciesOf, isBelow, namesOf, stackOf, testsBelow, type Project } from './needs-project.ts';
import { fileIn, makeTarget, portsOf, versionFile, versionOf } from './needs-version.ts';

export const nativeStacks = (project: Project): Stack[] => [...goStacks(project), ...rustStacks(project), ...dotnetStacks(project), ...cppStacks(project)];

function goStacks(project: Project): Stack[] {
  const folders = project.folders(/^go\.mod$/);
  return folders.map((folder) => {
    const facts = project.of(folder, 'go.mod');
    const own = (fact: Fact): boolean => !folders.some((other) => other !== folder && isBelow(other, folder) && isBelow(fact.file, other));
    const file = project.fileFact(folder, 'go.mod');
    const [name, version] = [facts.find(({ detail }) => detail === SAID.name), facts.find(({ name: text }) => text.startsWith('go '))];
    const asked = versionFile(project, folder, 'golang') ?? versionOf(version === undefined ? [] : [version]);
    const tests = testsBelow(project, folder, /_test\.go"?$/).filter(own);
    const dependencies = dependenciesOf(project, folder, /^go\.mod$/);
    const main = project.of(folder, 'main.go').find(({ kind, name: text }) => kind === 'entryPoint' && text === 'main');
    const stack = stackOf('go', folder, [file, name, asked?.evidence]);
    return {
      ...stack, name: name?.name ?? stack.name, version: asked?.version ?? null, lockfile: fileIn(project, folder, 'go.sum'),
      steps: { install: command('go mod download', file), lint: command('go vet ./...', file), test: tests.length === 0 ? null : command('go test ./...', ...tests), build: command('go build ./...', file) },
      start: main === undefined || portsOf(project, folder, folders).ports.length === 0 ? null : command('/app/server', main), dependencies: namesOf(dependencies),
    };
  });
}

function rustStacks(project: Project): Stack[] {
  const covers = (outer: string): boolean => project.said(outer, /^Cargo\.toml$/, SAID.member).length > 0;
  return project.outermost(/^Cargo\.toml$/, covers).map((folder) => {
    const file = project.fileFact(folder, 'Cargo.toml');
    const lockfile = fileIn(project, folder, 'Cargo.lock');
    const locked = lockfile === null ? '' : ' --locked';
    const name = project.said(folder, /^Cargo\.toml$/, SAID.name)[0];
    const asked = versionFile(project, folder, 'rust') ?? versionOf(project.said(folder, /^rust-toolchain\.toml$/, SAID.version)) ?? versionOf(project.said(folder, /^Cargo\.toml$/, SAID.version), ({ name: text }) => `>=${text}`);
    const tests = testsBelow(project, folder, /\.rs"?$/);
    const format = fileIn(project, folder, 'rustfmt.toml', '.rustfmt.toml');
    const clippy = fileIn(project, folder, 'clippy.toml', '.clippy.toml');
    const lint = clippy !== null ? command(`rustup component add clippy\ncargo clippy${locked}`, project.fileFact(folder, clippy)) : format !== null ? command('rustup component add rustfmt\ncargo fmt --check', project.fileFact(folder, format)) : null;
    const main = project.of(folder, 'src/main.rs').find(({ name: text }) => text === 'main');
    const stack = stackOf('rust', folder, [file, name, asked?.evidence]);
    return {
      ...stack, name: name?.name ?? stack.name, version: asked?.version ?? null, lockfile,
      steps: { install: command(`cargo fetch${locked}`, file), lint, test: tests.length === 0 ? null : command(`cargo test${locked}`, ...tests), build: command(`cargo build --release${locked}`, file) },
      start: main === undefined || portsOf(project, folder, []).ports.length === 0 ? null : command('/app/server', main), dependencies: namesOf(dependenciesOf(project, folder, /^Cargo\.toml$/)),
    };
  });
}

const PROJECTS = /\.(?:cs|fs|vb)proj$/;

/** A solution covers the projects below it; without one, each project that tests nothing stands for itself. */
function dotnetStacks(project: Project): Stack[] {
  const solutions = project.outermost(/\.slnx?$/).filter((folder) => project.below(folder, PROJECTS).length > 0);
  const isCovered = (path: string): boolean => solutions.some((outer) => isBelow(path, outer));
  const alone = project.below('', PROJECTS).every(isCovered) ? [] : project.outermost(PROJECTS).filter((folder) => !isCovered(folder));
  return [...solutions, ...alone].map((folder) => {
    const projects = project.below(folder, PROJECTS);
    const facts = project.factsBelow(folder).filter(({ file }) => projects.includes(file));
    const tests = facts.filter(({ detail }) => detail === SAID.tests);
    const [solution] = project.named(folder, /\.slnx?$/).concat(project.named(folder, PROJECTS));
    const file = project.fileFact(folder, solution ?? '');
    const asked = versionOf(project.said(folder, /^global\.json$/, SAID.version).concat(facts.filter(({ detail }) => detail === SAID.version)), ({ name }) => name.replace(/^net/, ''));
    const web = facts.find(({ detail, name }) => detail === SAID.sdk && name === 'Microsoft.NET.Sdk.Web');
    const what = quote(solution ?? '.');
    const stack = stackOf('dotnet', folder, [file, asked?.evidence, web]);
    return {
      ...stack, name: (solution ?? stack.name).replace(/\.\w+$/, ''), version: asked?.version ?? null, lockfile: fileIn(project, folder, 'packages.lock.json'),
      steps: { install: command(`dotnet restore ${what}`, file), lint: null, test: tests.length === 0 ? null : command(`dotnet test ${what} --configuration Release`, ...tests), build: command(`dotnet build ${what} --configuration Release`, file) },
      start: web === undefined ? null : command(`dotnet ${quote(`${(web.file.split('/').at(-1) ?? '').replace(/\.\w+$/, '')}.dll`)}`, web), dependencies: namesOf(tests),
    };
  });
}

const SOURCES = /\.(?:c|cc|cpp|cxx)$/;

function cppStacks(project: Project): Stack[] {
  const cmake = project.outermost(/^CMakeLists\.txt$/);
  const make = project.outermost(/^(?:GNU)?[Mm]akefile$/).filter((folder) => project.named(folder, SOURCES).length + project.below(folder === '' ? 'src' : `${folder}/src`, SOURCES).length > 0 && !cmake.some((outer) => isBelow(folder, outer)));
  return [...cmake.map((folder) => cmakeStack(project, folder)), ...make.map((folder) => makeStack(project, folder))];
}

function cmakeStack(project: Project, folder: string): Stack {
  const file = project.fileFact(folder, 'CMakeLists.txt');
  const name = project.said(folder, /^CMakeLists\.txt$/, SAID.name)[0];
  const tests = project.factsBelow(folder).filter(({ detail, file: of }) => detail === SAID.tests && of.endsWith('CMakeLists.txt'));
  const stack = stackOf('cpp', folder, [file, name]);
  return {
    ...stack, name: name?.name ?? stack.name, manager: 'cmake',
    steps: { install: command('cmake -S . -B build -DCMAKE_BUILD_TYPE=Release', file), lint: null, test: tests.length === 0 ? null : command('cmake --build build\nctest --test-dir build --output-on-failure', ...tests), build: command('cmake --build build', file) },
  };
}

function makeStack(project: Project, folder: string): Stack {
  const target = (names: readonly string[]): Stack['steps']['test'] => {
    const found = makeTarget(project, folder, names);
    return found === null ? null : command(`make ${found.target}`, found.evidence);
  };
  const makefile = project.named(folder, /^(?:GNU)?[Mm]akefile$/)[0] ?? 'Makefile';
  return { ...stackOf('cpp', folder, [project.fileFact(folder, makefile)]), manager: 'make', steps: { install: null, lint: target(['lint']), test: target(['test', 'check', 'tests']), build: target(['all', 'build']) ?? command('make', project.fileFact(folder, makefile)) } };
}
