// Stacks of PHP, Ruby and static sites.
import { SAID } from '../analysis/manifests/said.ts';
import type { Stack } from '../contract/pipeline.ts';
import { quote, quotePath } from '../shell/quote.ts';
import { command, dependenciesOf, isBelow, namesOf, stackOf, under, type Project } from './needs-project.ts';
import { fileIn, versionFile, versionOf } from './needs-version.ts';

export const webStacks = (project: Project): Stack[] => [...phpStacks(project), ...rubyStacks(project)];

function phpStacks(project: Project): Stack[] {
  return project.outermost(/^composer\.json$/).map((folder) => {
    const facts = project.of(folder, 'composer.json');
    const file = project.fileFact(folder, 'composer.json');
    const name = facts.find(({ detail }) => detail === SAID.name);
    const dependencies = dependenciesOf(project, folder, /^composer\.json$/);
    const asked = versionFile(project, folder, 'php') ?? versionOf(dependencies.filter(({ name: text }) => text === 'php'), ({ detail }) => detail);
    const script = (names: readonly string[]): Stack['steps']['test'] => {
      const found = names.map((each) => facts.find(({ kind, name: text }) => kind === 'command' && text === each)).find((fact) => fact !== undefined);
      return found === undefined ? null : command(`composer run-script ${quote(found.name)}`, found);
    };
    const settings = fileIn(project, folder, 'phpunit.xml', 'phpunit.xml.dist');
    const unit = settings === null || !dependencies.some(({ name: text }) => text === 'phpunit/phpunit') ? null : command('vendor/bin/phpunit', project.fileFact(folder, settings));
    const stack = stackOf('php', folder, [file, name, asked?.evidence]);
    return {
      ...stack, name: name?.name ?? stack.name, version: asked?.version ?? null, manager: 'composer', lockfile: fileIn(project, folder, 'composer.lock'),
      steps: { install: command('composer install --no-interaction --prefer-dist --no-progress', file), lint: script(['lint', 'phpstan', 'cs']), test: script(['test']) ?? unit, build: script(['build']) },
      dependencies: namesOf(dependencies),
    };
  });
}

/** What a task of tests is called where it is given no name. */
const TASKS: Readonly<Record<string, string>> = { 'Rake::TestTask': 'test', 'RSpec::Core::RakeTask': 'spec' };

/** Jekyll's sites are static sites: `siteStacks` takes them. */
function rubyStacks(project: Project): Stack[] {
  return project.outermost(/^Gemfile$/).filter((folder) => !project.has(folder, '_config.yml')).map((folder) => {
    const dependencies = dependenciesOf(project, folder, /^Gemfile$|\.gemspec$/);
    const gem = (...names: readonly string[]) => dependencies.find(({ name }) => names.includes(name));
    const file = project.fileFact(folder, 'Gemfile');
    const asked = versionFile(project, folder, 'ruby') ?? versionOf(project.said(folder, /^Gemfile$/, SAID.version));
    const specification = project.named(folder, /\.gemspec$/)[0];
    const name = specification === undefined ? undefined : project.of(folder, specification).find(({ detail }) => detail === SAID.name);
    const rake = project.said(folder, /^Rakefile$/, SAID.tests)[0];
    const specs = project.below(under(folder, 'spec'), /_spec\.rb$/);
    const rspec = specs.length === 0 ? undefined : gem('rspec', 'rspec-rails');
    const rails = project.below(under(folder, 'test'), /_test\.rb$/).length === 0 ? undefined : gem('rails');
    const [rubocop, server] = [gem('rubocop', 'standard'), project.of(folder, 'Procfile').find(({ detail }) => detail === SAID.process)];
    const stack = stackOf('ruby', folder, [file, name, asked?.evidence]);
    return {
      ...stack, name: name?.name ?? stack.name, version: asked?.version ?? null, manager: 'bundler', lockfile: fileIn(project, folder, 'Gemfile.lock'),
      steps: {
        install: command('bundle install', file),
        lint: rubocop === undefined ? null : command(rubocop.name === 'standard' ? 'bundle exec standardrb' : 'bundle exec rubocop', rubocop),
        test: rspec !== undefined ? command('bundle exec rspec', rspec) : rake !== undefined ? command(`bundle exec rake ${TASKS[rake.name] ?? quote(rake.name)}`, rake) : rails !== undefined ? command('bundle exec rails test', rails) : null,
        build: specification === undefined ? null : command(`gem build ${quote(specification)}`, project.fileFact(folder, specification)),
      },
      start: server === undefined ? null : command(server.name, server), dependencies: namesOf(dependencies),
    };
  });
}

/** Sites that a generator makes, and folders with an index.html that nothing else builds. `taken`: folders that have a stack. */
export function siteStacks(project: Project, taken: readonly string[]): Stack[] {
  const generated = [...hugo(project), ...mkdocs(project), ...jekyll(project)];
  const isTaken = (folder: string): boolean => [...taken, ...generated.map(({ folder: each }) => each)].some((each) => each === '' || folder === each || folder.startsWith(`${each}/`));
  const plain = project.outermost(/^index\.html$/).filter((folder) => !isTaken(folder) && project.below(folder, /\.html$/).length > 0);
  return [...generated, ...plain.map((folder) => plainSite(project, folder, taken))];
}

function hugo(project: Project): Stack[] {
  const folders = project.outermost(/^hugo\.(?:toml|ya?ml|json)$|^config\.toml$/).filter((folder) => project.named(folder, /^hugo\./).length > 0 || project.below(under(folder, 'content'), /\.md$/).length > 0);
  return folders.map((folder) => {
    const file = project.fileFact(folder, project.named(folder, /^hugo\.(?:toml|ya?ml|json)$|^config\.toml$/)[0] ?? 'hugo.toml');
    return { ...stackOf('static-site', folder, [file]), manager: 'hugo', steps: { install: null, lint: null, test: null, build: command('hugo --minify --destination public', file) } };
  });
}

function mkdocs(project: Project): Stack[] {
  return project.outermost(/^mkdocs\.ya?ml$/).map((folder) => {
    const file = project.fileFact(folder, project.named(folder, /^mkdocs\.ya?ml$/)[0] ?? 'mkdocs.yml');
    const requirements = ['requirements.txt', 'docs/requirements.txt'].find((name) => project.of(folder, name).some(({ name: each }) => each === 'mkdocs' || each === 'mkdocs-material'));
    const install = requirements === undefined ? 'python -m pip install mkdocs==1.6.1' : `python -m pip install -r ${requirements}`;
    return { ...stackOf('static-site', folder, [file]), manager: 'mkdocs', steps: { install: command(install, requirements === undefined ? file : project.fileFact(folder, requirements)), lint: null, test: null, build: command('python -m mkdocs build --strict --site-dir public', file) } };
  });
}

function jekyll(project: Project): Stack[] {
  return project.outermost(/^_config\.yml$/).filter((folder) => project.has(folder, 'Gemfile')).map((folder) => {
    const file = project.fileFact(folder, '_config.yml');
    const asked = versionFile(project, folder, 'ruby') ?? versionOf(project.said(folder, /^Gemfile$/, SAID.version));
    const dependencies = dependenciesOf(project, folder, /^Gemfile$/);
    return { ...stackOf('static-site', folder, [file, asked?.evidence]), manager: 'jekyll', version: asked?.version ?? null, lockfile: fileIn(project, folder, 'Gemfile.lock'), dependencies: namesOf(dependencies), steps: { install: command('bundle install', project.fileFact(folder, 'Gemfile')), lint: null, test: null, build: command('bundle exec jekyll build --destination public', file) } };
  });
}

/** Everything of the folder but what begins with a dot, is about the repository itself, or stands in other stacks' files. */
function plainSite(project: Project, folder: string, taken: readonly string[]): Stack {
  const own = project.below(folder, /./).filter((path) => !taken.some((other) => isBelow(path, other))).map((path) => path.slice(folder === '' ? 0 : folder.length + 1).split('/')[0] ?? '');
  const entries = [...new Set(own)].filter((name) => !/^\.|^(?:readme|license|licence|changelog|contributing|makefile|dockerfile)(?:\.\w+)?$|^public$/i.test(name));
  const file = project.fileFact(folder, 'index.html');
  const run = `mkdir -p public\ncp -R ${entries.map(quotePath).join(' ')} public/`;
  return { ...stackOf('static-site', folder, [file]), manager: 'plain', steps: { install: null, lint: null, test: null, build: command(run, file) } };
}
