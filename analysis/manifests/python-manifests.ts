// pyproject.toml, requirements files, setup.cfg, Pipfile and conda's environment.yml.
import { Facts, type FileReader } from '../reader.ts';
import type { Source } from '../source.ts';
import { nodesAt, yamlNodes } from '../yaml.ts';

/** A requirement (PEP 508): name, extras, version. */
const REQUIREMENT = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]{0,200}\])?\s*((?:[<>=!~]=?|===)[^;#]{1,100})?/;

const packageText = (version: string | undefined): string => `Python package${version === undefined || version === '' ? ', any version' : ` ${version.trim()}`}`;

export const requirementsReader: FileReader = {
  reads: (path) => /(?:^|\/)(?:[\w.-]*requirements?[\w.-]*\.(?:txt|in)|requirements\/[^/]+\.(?:txt|in)|constraints\.txt)$/.test(path),
  read(source) {
    const facts = new Facts(source);
    for (const [at, line] of source.lines.entries()) {
      const [, name, , version] = REQUIREMENT.exec(line.trim()) ?? [];
      if (name !== undefined) facts.add('dependency', name, packageText(version), at + 1);
    }
    return facts.list;
  },
};

/** Tables whose keys are dependencies, and whose keys are commands. */
const TABLES: readonly (readonly [RegExp, 'dependency' | 'entryPoint', string])[] = [
  [/^(?:tool\.poetry\.(?:[\w.-]*\.)?(?:dev-)?dependencies|packages|dev-packages)$/, 'dependency', 'Python package'],
  [/^(?:project\.scripts|project\.gui-scripts|tool\.poetry\.scripts)$/, 'entryPoint', 'a command that the package installs'],
];

/** TOML as far as it is written one entry a line, which is how these files are written: a parser would give values without their lines. */
export const pyprojectReader: FileReader = {
  reads: (_path, name) => name === 'pyproject.toml' || name === 'pipfile',
  read(source) {
    const facts = new Facts(source);
    for (const { table, key, value, line } of entries(source)) {
      const of = TABLES.find(([form]) => form.test(table));
      if (of !== undefined && key !== '') facts.add(of[1], key, `${of[2]}: ${value.replaceAll('"', '')}`, line);
      const list = (table === 'project' && key === 'dependencies') || table === 'project.optional-dependencies' || table === 'dependency-groups' || (table === 'build-system' && key === 'requires');
      if (list) for (const [, text = ''] of value.matchAll(/["']([^"'\n]{1,300})["']/g)) requirement(text, line, table, facts);
      if (table === 'project' && key === 'requires-python') facts.add('configuration', key, `Python ${value.replaceAll('"', '')}`, line);
    }
    return facts.list;
  },
};

function requirement(text: string, line: number, table: string, facts: Facts): void {
  const [, name, , version] = REQUIREMENT.exec(text) ?? [];
  if (name !== undefined) facts.add('dependency', name, `${packageText(version)}${table === 'project' ? '' : table === 'build-system' ? ', for building' : ', optional'}`, line);
}

/** `key = value` of each table; each further line of a list is an entry of the same key. */
function* entries({ lines }: Pick<Source, 'lines'>): Generator<{ table: string; key: string; value: string; line: number }> {
  let [table, key, open] = ['', '', false];
  for (const [at, line] of lines.entries()) {
    const plain = line.replace(/^((?:[^"'#]|"[^"]*"|'[^']*')*)#.*$/, '$1').trim();
    const header = open ? undefined : /^\[\[?\s*([^\]]{1,200}?)\s*\]\]?$/.exec(plain)?.[1];
    if (header !== undefined) [table, key] = [header, ''];
    const pair = open ? null : /^["']?([\w.-]+)["']?\s*=\s*(.*)$/.exec(plain);
    if (pair !== null) key = pair[1] ?? '';
    const value = pair?.[2] ?? (open ? plain : '');
    if (value !== '') yield { table, key, value, line: at + 1 };
    if (pair !== null) open = value.startsWith('[') && !/\]\s*$/.test(value);
    else if (open && /^\]|\]$/.test(plain)) open = false;
  }
}

export const setupReader: FileReader = {
  reads: (_path, name) => name === 'setup.cfg',
  read(source) {
    const facts = new Facts(source);
    let key = '';
    for (const [at, line] of source.lines.entries()) {
      key = /^(\w+)\s*=/.exec(line)?.[1] ?? (line.startsWith('[') ? '' : key);
      if (key === 'install_requires' && /^\s+\S/.test(line)) requirement(line.trim(), at + 1, 'project', facts);
    }
    return facts.list;
  },
};

export const condaReader: FileReader = {
  reads: (_path, name) => /^environment(?:[-_.]\w+)?\.ya?ml$/.test(name),
  read(source) {
    const facts = new Facts(source);
    const nodes = yamlNodes(source.text);
    for (const node of [...nodesAt(nodes, 'dependencies', '*'), ...nodesAt(nodes, 'dependencies', '*', 'pip', '*')]) {
      const [, name, version] = /^([\w.-]+)\s*(.*)$/.exec(node.text ?? '') ?? [];
      if (name !== undefined) facts.add('dependency', name, `${node.path.includes('pip') ? 'Python' : 'conda'} package ${version}`, node.valueLine);
    }
    return facts.list;
  },
};
