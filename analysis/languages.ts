// Languages, build systems and lockfiles by the names of files.

const LANGUAGES: Readonly<Record<string, string>> = {
  py: 'Python', pyw: 'Python', ipynb: 'Jupyter Notebook', sql: 'SQL', hql: 'SQL', scala: 'Scala', java: 'Java', kt: 'Kotlin', kts: 'Kotlin', groovy: 'Groovy', ts: 'TypeScript', tsx: 'TypeScript', mts: 'TypeScript', cts: 'TypeScript',
  js: 'JavaScript', jsx: 'JavaScript', mjs: 'JavaScript', cjs: 'JavaScript', go: 'Go', rs: 'Rust', c: 'C', h: 'C', cc: 'C++', cpp: 'C++', hpp: 'C++', cs: 'C#', rb: 'Ruby', php: 'PHP', r: 'R', jl: 'Julia', sh: 'Shell', bash: 'Shell', zsh: 'Shell', ksh: 'Shell',
  ps1: 'PowerShell', swift: 'Swift', dart: 'Dart', ex: 'Elixir', exs: 'Elixir', erl: 'Erlang', hs: 'Haskell', lua: 'Lua', pl: 'Perl', tf: 'HCL', hcl: 'HCL', proto: 'Protocol Buffers', vue: 'Vue', svelte: 'Svelte', html: 'HTML', css: 'CSS', scss: 'CSS',
};

/** The language of a file, by its name in lower case; undefined where it is none that is counted. */
export function languageOf(name: string): string | undefined {
  if (/^(?:gnu)?makefile$/.test(name)) return 'Make';
  if (name.startsWith('dockerfile')) return 'Dockerfile';
  const extension = name.includes('.') ? (name.split('.').at(-1) ?? '') : '';
  return Object.hasOwn(LANGUAGES, extension) ? LANGUAGES[extension] : undefined;
}

const BUILD_SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/^package\.json$/, 'npm'], [/^pyproject\.toml$/, 'Python (pyproject)'], [/^setup\.(?:py|cfg)$/, 'setuptools'], [/^[\w.-]*requirements[\w.-]*\.txt$/, 'pip'], [/^pipfile$/, 'Pipenv'], [/^environment\.ya?ml$/, 'conda'],
  [/^pom\.xml$/, 'Maven'], [/^build\.gradle(?:\.kts)?$/, 'Gradle'], [/^build\.sbt$/, 'sbt'], [/^go\.mod$/, 'Go modules'], [/^cargo\.toml$/, 'Cargo'], [/^(?:gnu)?makefile$/, 'make'], [/^cmakelists\.txt$/, 'CMake'], [/^(?:workspace|module)(?:\.bazel)?$/, 'Bazel'],
  [/^gemfile$/, 'Bundler'], [/^composer\.json$/, 'Composer'], [/\.(?:csproj|fsproj)$/, '.NET'], [/^mix\.exs$/, 'Mix'], [/^dbt_project\.ya?ml$/, 'dbt'], [/^justfile$/, 'just'], [/^taskfile\.ya?ml$/, 'Task'], [/^tox\.ini$/, 'tox'],
];
const LOCKFILES: readonly (readonly [RegExp, string])[] = [
  [/^(?:package-lock|npm-shrinkwrap)\.json$/, 'npm'], [/^yarn\.lock$/, 'Yarn'], [/^pnpm-lock\.yaml$/, 'pnpm'], [/^bun\.lockb?$/, 'Bun'], [/^poetry\.lock$/, 'Poetry'], [/^uv\.lock$/, 'uv'], [/^pdm\.lock$/, 'PDM'], [/^pipfile\.lock$/, 'Pipenv'], [/^conda-lock\.ya?ml$/, 'conda'],
  [/^gradle\.lockfile$/, 'Gradle'], [/^go\.sum$/, 'Go modules'], [/^cargo\.lock$/, 'Cargo'], [/^gemfile\.lock$/, 'Bundler'], [/^composer\.lock$/, 'Composer'], [/^mix\.lock$/, 'Mix'], [/^package-lock\.ya?ml$/, 'dbt'], [/^\.terraform\.lock\.hcl$/, 'Terraform'],
];

const found = (table: readonly (readonly [RegExp, string])[], name: string): string | undefined => table.find(([form]) => form.test(name))?.[1];

export const buildSystemOf = (name: string): string | undefined => found(BUILD_SYSTEMS, name);
export const lockfileOf = (name: string): string | undefined => found(LOCKFILES, name);
