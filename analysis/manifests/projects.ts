// What project files call themselves, which version of a language they ask for, and of what parts they are made.
import { Facts, type FileReader } from '../reader.ts';
import { nodesAt, yamlNodes } from '../yaml.ts';
import { SAID, type Said } from './said.ts';

/** package.json, composer.json, pnpm-workspace.yaml: name and workspaces. */
export const packageReader: FileReader = {
  reads: (_path, name) => /^(?:package\.json|composer\.json|pnpm-workspace\.yaml)$/.test(name),
  read(source) {
    const facts = new Facts(source);
    const nodes = yamlNodes(source.text);
    for (const { text, valueLine } of nodesAt(nodes, 'name')) if (text !== undefined) facts.add('configuration', text, SAID.name, valueLine);
    for (const { text, valueLine } of [...nodesAt(nodes, 'workspaces', '*'), ...nodesAt(nodes, 'workspaces', 'packages', '*'), ...(source.name.startsWith('pnpm') ? nodesAt(nodes, 'packages', '*') : [])]) if (text !== undefined) facts.add('configuration', text, SAID.member, valueLine);
    return facts.list;
  },
};

/** A line of a table that says something: the table, the line's form with the value as first group, what it says. */
type Line = readonly [table: RegExp, form: RegExp, said: Said];

const PYPROJECT: readonly Line[] = [
  [/^(?:project|tool\.poetry)$/, /^name\s*=\s*["']([^"']{1,100})["']/, SAID.name],
  [/^build-system$/, /^build-backend\s*=\s*["']([^"']{1,100})["']/, SAID.backend],
  [/^(?:project\.optional-dependencies|dependency-groups)$/, /^["']?([\w.-]{1,60})["']?\s*=\s*\[/, SAID.extra],
  [/^tool\./, /^\[tool\.(poetry\.group\.[\w-]{1,60})\.dependencies\]/, SAID.extra],
  [/^tool\./, /^\[tool\.([\w-]{1,60})[\].]/, SAID.tool],
];
const CARGO: readonly Line[] = [
  [/^package$/, /^name\s*=\s*"([^"]{1,100})"/, SAID.name],
  [/^(?:workspace\.)?package$/, /^rust-version\s*=\s*"([^"]{1,20})"/, SAID.version],
  [/^workspace$/, /^(\[workspace)\]/, SAID.member],
];

/** TOML as far as it is written one entry a line, as in python-manifests.ts. */
const tableReader = (file: string, forms: readonly Line[]): FileReader => ({
  reads: (_path, name) => name === file,
  read(source) {
    const facts = new Facts(source);
    let table = '';
    for (const [at, line] of source.lines.entries()) {
      table = /^\s*\[\[?\s*([^\]]{1,200}?)\s*\]/.exec(line)?.[1] ?? table;
      for (const [of, form, said] of forms) {
        const value = of.test(table) ? form.exec(line.trim())?.[1] : undefined;
        if (value !== undefined) facts.add('configuration', value, said, at + 1);
      }
    }
    return facts.list;
  },
});

export const pyprojectProjectReader = tableReader('pyproject.toml', PYPROJECT);
export const pipfileReader = tableReader('pipfile', [[/^requires$/, /^python_(?:full_)?version\s*=\s*["']([\d.]{1,12})["']/, SAID.version]]);
export const cargoProjectReader = tableReader('cargo.toml', CARGO);

/** Lines that say something whatever is around them; of several groups of a form, the one that matched. */
const lineReader = (reads: FileReader['reads'], forms: readonly (readonly [form: RegExp, said: Said])[]): FileReader => ({
  reads,
  read(source) {
    const facts = new Facts(source);
    for (const [at, line] of source.lines.entries()) {
      for (const [form, said] of forms) {
        const value = form.exec(line)?.slice(1).find((group) => group !== undefined);
        if (value !== undefined) facts.add('configuration', value, said, at + 1);
      }
    }
    return facts.list;
  },
});

/** The project's own artifactId is indented less than those of its parent, dependencies and plugins. */
export const mavenProjectReader = lineReader((_path, name) => name === 'pom.xml', [
  [/^(?: {1,4}|\t)<artifactId>\s*([^<]{1,100}?)\s*</, SAID.name],
  [/<(?:maven\.compiler\.(?:release|source|target)|java\.version|release)>\s*(?:1\.)?(\d{1,2})\s*</, SAID.version],
  [/<module>\s*([^<]{1,200}?)\s*<\/module>/, SAID.member],
  [/<artifactId>\s*((?:spring-boot|checkstyle|maven-checkstyle|spotless|jib|maven-shade)[\w-]*plugin)\s*</, SAID.plugin],
  [/<artifactId>\s*(spring-boot-starter-web(?:flux)?)\s*</, SAID.sdk],
]);

export const gradleProjectReader = lineReader((_path, name) => /^(?:build|settings)\.gradle(?:\.kts)?$/.test(name), [
  [/^\s*rootProject\.name\s*=\s*["']([^"']{1,100})["']/, SAID.name],
  [/JavaLanguageVersion\.of\(\s*(\d{1,2})\s*\)|^\s*jvmToolchain\(\s*(\d{1,2})/, SAID.version],
  [/^\s*(?:source|target)Compatibility\s*=?\s*(?:JavaVersion\.VERSION_(?:1_)?|["']?(?:1\.)?)(\d{1,2})/, SAID.version],
  [/^\s*include\s*\(?\s*["']:?([\w:.-]{1,200})["']/, SAID.member],
  [/^\s*id\s*\(?\s*["']([\w.-]{1,100})["']|^\s*apply plugin:\s*["']([\w.-]{1,100})["']/, SAID.plugin],
]);

export const sbtProjectReader = lineReader((path, name) => name === 'build.sbt' || /(?:^|\/)project\/plugins\.sbt$/.test(path), [
  [/^\s*(?:ThisBuild\s*\/\s*)?name\s*:=\s*"([^"]{1,100})"/, SAID.name],
  [/^\s*(?:ThisBuild\s*\/\s*)?scalaVersion\s*:=\s*"([^"]{1,20})"/, SAID.version],
  [/^\s*addSbtPlugin\([^%]{1,100}%%?\s*"([\w.-]{1,100})"/, SAID.plugin],
]);

export const goProjectReader = lineReader((_path, name) => name === 'go.mod', [[/^module\s+(\S{1,200})/, SAID.name]]);

export const dotnetReader = lineReader((path) => /\.(?:csproj|fsproj|vbproj)$/.test(path), [
  [/<TargetFrameworks?>\s*(net[\w.]{1,20})/, SAID.version],
  [/<Project\s+Sdk="([\w.]{1,100})"/, SAID.sdk],
  [/<PackageReference\s+Include="((?:Microsoft\.NET\.Test\.Sdk|xunit|NUnit|MSTest)[\w.]*)"/, SAID.tests],
]);

export const gemReader: FileReader = {
  reads: (_path, name) => name === 'gemfile' || name.endsWith('.gemspec') || name === 'rakefile',
  read(source) {
    const facts = new Facts(source);
    for (const [at, line] of source.lines.entries()) {
      const gem = /^\s*(?:gem|\w+\.add(?:_development|_runtime)?_dependency)[\s(]+["']([\w.-]{1,100})["']/.exec(line)?.[1];
      if (gem !== undefined) facts.add('dependency', gem, 'Ruby gem', at + 1);
      for (const [form, said] of GEM_LINES) {
        const value = form.exec(line)?.[1];
        if (value !== undefined) facts.add('configuration', value, said, at + 1);
      }
    }
    return facts.list;
  },
};
const GEM_LINES: readonly (readonly [RegExp, Said])[] = [
  [/^\s*ruby\s+["'](?:~>\s*|>=\s*)?([\d.]{1,12})["']/, SAID.version],
  [/^\s*\w+\.name\s*=\s*["']([^"']{1,100})["']/, SAID.name],
  [/^\s*(?:Rake::TestTask|RSpec::Core::RakeTask)\.new\s*\(\s*:(\w+)/, SAID.tests],
  [/^\s*(Rake::TestTask|RSpec::Core::RakeTask)\.new\s*(?:do\b|\{|$)/, SAID.tests],
];

export const cmakeReader = lineReader((_path, name) => name === 'cmakelists.txt', [
  [/^\s*project\s*\(\s*"?([\w.+-]{1,100})/i, SAID.name],
  [/^\s*(enable_testing|add_test)\s*\(|^\s*include\s*\(\s*(CTest)/i, SAID.tests],
  [/^\s*cmake_minimum_required\s*\(\s*VERSION\s+([\d.]{1,12})/i, SAID.tool],
]);

export const terraformReader = lineReader((path) => path.endsWith('.tf'), [
  [/^\s*required_version\s*=\s*"([^"]{1,40})"/, SAID.version],
  [/^\s*provider\s+"([\w-]{1,60})"/, SAID.plugin],
  [/^\s*module\s+"([\w-]{1,60})"/, SAID.member],
]);

/** Procfile (devcenter.heroku.com/articles/procfile): `web: command`. */
export const procfileReader = lineReader((_path, name) => name === 'procfile', [[/^web\s*:\s*(\S.{0,300}?)\s*$/, SAID.process]]);

/** Which library's classes the tests of Python are. */
export const unittestReader = lineReader((path, name) => /^(?:test_.*|.*_test|tests?)\.py$/.test(name) || /(?:^|\/)tests?\/.*\.py$/.test(path), [[/^class\s+\w+\(\s*((?:unittest\.)?TestCase)\s*\)/, SAID.unittest]]);
