// Files that name the version of a language, for version managers.
import { Facts, type FileReader } from '../reader.ts';
import { keyOf, nodesAt, yamlNodes } from '../yaml.ts';
import { SAID } from './said.ts';

/** The tool that a file with one version is for. */
export const VERSION_FILES: Readonly<Record<string, string>> = { '.nvmrc': 'nodejs', '.node-version': 'nodejs', '.python-version': 'python', '.ruby-version': 'ruby', '.java-version': 'java', '.go-version': 'golang', '.terraform-version': 'terraform', 'rust-toolchain': 'rust', '.php-version': 'php' };

export const versionFileReader: FileReader = {
  reads: (_path, name) => Object.hasOwn(VERSION_FILES, name) || name === '.tool-versions' || name === 'global.json' || name === 'rust-toolchain.toml',
  read(source) {
    const facts = new Facts(source);
    if (source.name === 'global.json') for (const node of nodesAt(yamlNodes(source.text), 'sdk', '*')) if (keyOf(node) === 'version' && node.text !== undefined) facts.add('configuration', node.text, SAID.version, node.valueLine);
    for (const [at, line] of source.lines.entries()) {
      const found = source.name === '.tool-versions' ? /^\w+\s+\d[\w.+-]*/.exec(line)?.[0] : source.name === 'rust-toolchain.toml' ? /^\s*channel\s*=\s*"(\d[\w.]*)"/.exec(line)?.[1] : /^\s*(?:v|ruby-)?(\d[\d.]*)\s*$/.exec(line)?.[1];
      if (found !== undefined) facts.add('configuration', found, SAID.version, at + 1);
    }
    return facts.list;
  },
};
