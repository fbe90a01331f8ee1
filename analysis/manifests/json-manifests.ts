// package.json and composer.json: dependencies, scripts, programs.
import { Facts, type FileReader } from '../reader.ts';
import { looksSecret } from '../secrets.ts';
import { keyOf, nodesAt, yamlNodes } from '../yaml.ts';

const GROUPS: Record<string, string> = { dependencies: '', devDependencies: ', for development', peerDependencies: ', to be brought by who uses it', optionalDependencies: ', optional', require: '', 'require-dev': ', for development' };

/** JSON is YAML too (yaml.org/spec/1.2.2, section 1.2), so that each value has its line. */
export const jsonManifestReader: FileReader = {
  reads: (_path, name) => name === 'package.json' || name === 'composer.json',
  read(source) {
    const facts = new Facts(source);
    JSON.parse(source.text); // what is no JSON is no manifest
    const nodes = yamlNodes(source.text);
    for (const [group, said] of Object.entries(GROUPS)) for (const node of nodesAt(nodes, group, '*')) facts.add('dependency', keyOf(node), `${node.text ?? ''}${said}`, node.line);
    for (const script of nodesAt(nodes, 'scripts', '*')) facts.add('command', keyOf(script), `script of ${source.name}${script.text === undefined || looksSecret(script.text) ? '' : `: ${script.text}`}`, script.line);
    for (const key of ['main', 'bin']) for (const node of nodesAt(nodes, key)) if (node.text !== undefined) facts.add('entryPoint', node.text, `${key === 'bin' ? 'the program' : 'the main module'} of the package`, node.valueLine);
    for (const program of nodesAt(nodes, 'bin', '*')) facts.add('entryPoint', keyOf(program), `a program of the package: ${program.text ?? ''}`, program.line);
    for (const node of [...nodesAt(nodes, 'engines', '*'), ...nodesAt(nodes, 'packageManager')]) facts.add('configuration', keyOf(node), `needs ${keyOf(node)} ${node.text ?? ''}`, node.line);
    return facts.list;
  },
};
