// Stacks of the JVM: Maven, Gradle and sbt; with Spark where they depend on it.
import { SAID } from '../analysis/manifests/said.ts';
import type { Fact } from '../contract/analysis.ts';
import type { Stack, StackCommand } from '../contract/pipeline.ts';
import { command, namesOf, stackOf, testsBelow, type Project } from './needs-project.ts';
import { versionFile, versionOf } from './needs-version.ts';

const POM = /^pom\.xml$/;
const GRADLE = /^build\.gradle(?:\.kts)?$/;
const GRADLE_FILES = /^(?:build|settings)\.gradle(?:\.kts)?$/;
const SBT = /^build\.sbt$/;
const SOURCES = /\.(?:java|kt|scala|groovy)"?$/;

export const jvmStacks = (project: Project): Stack[] => [...mavenStacks(project), ...gradleStacks(project), ...sbtStacks(project)];

const sparkOf = (dependencies: readonly Fact[]): Fact | undefined => dependencies.find(({ name }) => /(?:^|:)spark-(?:core|sql|streaming|mllib|hive)(?:_|:|$)/.test(name));

function mavenStacks(project: Project): Stack[] {
  const isModule = (outer: string): boolean => project.said(outer, POM, SAID.member).length > 0;
  return project.outermost(POM, isModule).map((folder) => {
    const facts = project.of(folder, 'pom.xml');
    const mvn = project.has(folder, 'mvnw') ? 'sh ./mvnw' : 'mvn';
    const run = (goals: string, ...evidence: readonly (Fact | undefined)[]): StackCommand => command(`${mvn} --batch-mode --no-transfer-progress ${goals}`, ...evidence);
    const pom = project.fileFact(folder, 'pom.xml');
    const tests = testsBelow(project, folder, SOURCES);
    const lint = facts.find(({ detail, name }) => detail === SAID.plugin && /^(?:maven-checkstyle|spotless-maven)-plugin$/.test(name));
    const server = facts.find(({ name, detail }) => (detail === SAID.plugin && name === 'spring-boot-maven-plugin') || detail === SAID.sdk);
    return jvmStack(project, folder, { kind: 'java-maven', manager: 'maven', manifest: POM, file: pom, dependencies: project.factsBelow(folder).filter(({ kind, file }) => kind === 'dependency' && file.endsWith('pom.xml')) }, {
      install: null,
      lint: lint === undefined ? null : run(lint.name.startsWith('spotless') ? 'spotless:check' : 'checkstyle:check', lint),
      test: tests.length === 0 ? null : run('test', ...tests),
      build: run('-DskipTests package', pom),
    }, server === undefined ? null : command('java -jar app.jar', server));
  });
}

function gradleStacks(project: Project): Stack[] {
  const covers = (outer: string): boolean => project.named(outer, /^settings\.gradle(?:\.kts)?$/).length > 0;
  const roots = [...new Set([...project.outermost(GRADLE, covers), ...project.outermost(/^settings\.gradle(?:\.kts)?$/)])];
  return roots.filter((folder) => !roots.some((outer) => outer !== folder && covers(outer) && folder.startsWith(outer === '' ? '' : `${outer}/`))).map((folder) => {
    const gradle = project.has(folder, 'gradlew') ? 'sh ./gradlew' : 'gradle';
    const file = project.fileFact(folder, project.named(folder, GRADLE_FILES)[0] ?? 'build.gradle');
    const tests = testsBelow(project, folder, SOURCES);
    const plugins = project.said(folder, GRADLE_FILES, SAID.plugin);
    const lint = plugins.find(({ name }) => /spotless|checkstyle|ktlint|detekt/.test(name));
    const server = plugins.find(({ name }) => /^(?:org\.springframework\.boot|application)$/.test(name));
    const task = lint === undefined ? '' : (['spotless', 'ktlint', 'detekt'].find((each) => lint.name.includes(each)) ?? '');
    const run = (tasks: string, ...evidence: readonly (Fact | undefined)[]): StackCommand => command(`${gradle} --no-daemon ${tasks}`, ...evidence);
    return jvmStack(project, folder, { kind: 'java-gradle', manager: 'gradle', manifest: GRADLE_FILES, file, dependencies: project.factsBelow(folder).filter(({ kind, file: of }) => kind === 'dependency' && /build\.gradle(?:\.kts)?"?$/.test(of)) }, {
      install: null,
      lint: lint === undefined ? null : run({ spotless: 'spotlessCheck', ktlint: 'ktlintCheck', detekt: 'detekt' }[task] ?? 'checkstyleMain', lint),
      test: tests.length === 0 ? null : run('test', ...tests),
      build: run('assemble', file),
    }, server?.name === 'org.springframework.boot' ? command('java -jar app.jar', server) : null);
  });
}

/** sbt is taken for jobs of Spark only: a finding says where it is used for something else. */
function sbtStacks(project: Project): Stack[] {
  return project.outermost(SBT).flatMap((folder) => {
    const dependencies = project.factsBelow(folder).filter(({ kind, file }) => kind === 'dependency' && /\.(?:sbt|scala)"?$/.test(file));
    if (sparkOf(dependencies) === undefined) return [];
    const file = project.fileFact(folder, 'build.sbt');
    const tests = testsBelow(project, folder, SOURCES);
    const assembly = project.said(folder === '' ? 'project' : `${folder}/project`, /^plugins\.sbt$/, SAID.plugin).find(({ name }) => name === 'sbt-assembly');
    return [jvmStack(project, folder, { kind: 'spark', manager: 'sbt', manifest: SBT, file, dependencies }, {
      install: null, lint: null,
      test: tests.length === 0 ? null : command('sbt -batch test', ...tests),
      build: command(assembly === undefined ? 'sbt -batch package' : 'sbt -batch assembly', assembly ?? file),
    }, null)];
  });
}

interface Build {
  kind: Stack['kind'];
  manager: string;
  manifest: RegExp;
  file: Fact;
  dependencies: readonly Fact[];
}

function jvmStack(project: Project, folder: string, { kind, manager, manifest, file, dependencies }: Build, steps: Stack['steps'], start: StackCommand | null): Stack {
  const spark = sparkOf(dependencies);
  const name = project.said(folder, manifest, SAID.name)[0];
  const asked = versionFile(project, folder, 'java') ?? (manager === 'sbt' ? null : versionOf(project.factsBelow(folder).filter(({ detail, file: of }) => detail === SAID.version && /(?:pom\.xml|\.gradle(?:\.kts)?)"?$/.test(of))));
  const stack = stackOf(spark === undefined ? kind : 'spark', folder, [file, name, asked?.evidence, spark]);
  return { ...stack, name: name?.name ?? stack.name, version: asked?.version ?? null, manager, steps, start: spark === undefined ? start : null, dependencies: namesOf(dependencies) };
}

/** Folders with sbt and without Spark, for which there is no stack. */
export const otherSbt = (project: Project, stacks: readonly Stack[]): string[] => project.outermost(SBT).filter((folder) => !stacks.some((stack) => stack.folder === folder && stack.manager === 'sbt'));
