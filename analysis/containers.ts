// Dockerfiles, compose files and Kubernetes manifests: images, services, ports, schedules, settings by name.
import { Facts, type FileReader } from './reader.ts';
import { shownValue } from './secrets.ts';
import { keyOf, nodesAt, yamlNodes, type YamlNode } from './yaml.ts';

export const dockerfileReader: FileReader = {
  reads: (path, name) => /^(?:dockerfile|containerfile)(?:\..*)?$|\.dockerfile$/i.test(name) && !path.endsWith('.dockerignore') && !path.endsWith('.md'),
  read(source) {
    const facts = new Facts(source);
    for (const [at, line] of source.lines.entries()) {
      const [, word = '', rest = ''] = /^\s*(FROM|EXPOSE|CMD|ENTRYPOINT|ENV|ARG)\s+(.+?)\s*\\?$/i.exec(line) ?? [];
      const instruction = word.toUpperCase();
      if (instruction === 'FROM') facts.add('container', rest.replace(/^--\S+\s+/, '').split(/\s/)[0] ?? '', 'base image', at + 1);
      else if (instruction === 'EXPOSE') for (const port of rest.split(/\s+/)) facts.add('port', port, 'a port that the image exposes', at + 1);
      else if (instruction === 'CMD' || instruction === 'ENTRYPOINT') facts.add('entryPoint', rest, `what the image runs (${instruction})`, at + 1);
      else if (instruction === 'ENV' || instruction === 'ARG') setting(instruction, rest, at + 1, facts);
    }
    return facts.list;
  },
};

function setting(instruction: string, rest: string, line: number, facts: Facts): void {
  const pairs = rest.includes('=') ? [...rest.matchAll(/([A-Za-z_]\w*)=("[^"]*"|\S*)/g)] : [/^(\w+)(?:\s+(.*))?$/.exec(rest)];
  for (const [, name = '', value = ''] of pairs.filter((pair) => pair !== null)) {
    const shown = shownValue(name, value.replaceAll(/^["']|["']$/g, ''));
    facts.add('configuration', name, `${instruction === 'ARG' ? 'build argument' : 'environment variable of the image'}${shown}`, line);
  }
}

export const composeReader: FileReader = {
  reads: (path) => /(?:^|\/)(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/.test(path),
  read(source) {
    const facts = new Facts(source);
    const nodes = yamlNodes(source.text);
    for (const service of nodesAt(nodes, 'services', '*')) facts.add('service', keyOf(service), serviceText(nodes, service), service.line);
    for (const image of nodesAt(nodes, 'services', '*', 'image')) facts.add('container', image.text ?? '', `image of service ${image.path.at(-2)}`, image.valueLine);
    for (const port of [...nodesAt(nodes, 'services', '*', 'ports', '*'), ...nodesAt(nodes, 'services', '*', 'ports', '*', 'target')]) if (port.text !== undefined) facts.add('port', port.text, `port of service ${port.path[2]}`, port.valueLine);
    for (const variable of nodesAt(nodes, 'services', '*', 'environment', '*').filter((node) => keyOf(node) !== '<<')) facts.add('configuration', isNumber(keyOf(variable)) ? ((variable.text ?? '').split('=')[0] ?? '') : keyOf(variable), `environment variable of service ${variable.path[2]}`, variable.line);
    for (const command of nodesAt(nodes, 'services', '*', 'command')) if (command.text !== undefined) facts.add('entryPoint', command.text, `what service ${command.path[2]} runs`, command.valueLine);
    return facts.list;
  },
};

const isNumber = (text: string): boolean => /^\d+$/.test(text);

function serviceText(nodes: readonly YamlNode[], { path: [, , name = ''] }: YamlNode): string {
  const needs = nodesAt(nodes, 'services', name, 'depends_on', '*').map((node) => (isNumber(keyOf(node)) ? (node.text ?? '') : keyOf(node)));
  return `a service of compose${needs.length === 0 ? '' : `, after ${needs.join(', ')}`}`;
}

export const kubernetesReader: FileReader = {
  reads: (path) => /\.ya?ml$/.test(path) && /(?:^|\/)(?:k8s|kubernetes|kube|manifests?|deploy(?:ment)?s?|base|overlays|argo)\//.test(path),
  read(source) {
    const facts = new Facts(source);
    if (!/^kind:/m.test(source.text)) return facts.list;
    const nodes = yamlNodes(source.text);
    for (const kind of nodesAt(nodes, 'kind')) resource(nodes.filter(({ path }) => path[0] === kind.path[0]), kind.text ?? '', facts);
    return facts.list;
  },
};

function resource(nodes: readonly YamlNode[], kind: string, facts: Facts): void {
  const name = nodesAt(nodes, 'metadata', 'name')[0];
  const what = `Kubernetes ${kind} ${name?.text ?? ''}`;
  if (name?.text !== undefined && !/^(?:Kustomization|Component)$/.test(kind)) facts.add(kind === 'Service' ? 'service' : 'container', name.text, `Kubernetes ${kind}`, name.valueLine);
  for (const schedule of [...nodesAt(nodes, 'spec', 'schedule'), ...nodesAt(nodes, 'spec', 'schedules', '*')]) if (schedule.text !== undefined) facts.add('schedule', schedule.text, `when the ${what} runs`, schedule.valueLine);
  for (const port of nodes.filter((node) => ['containerPort', 'port'].includes(keyOf(node)))) if (port.text !== undefined) facts.add('port', port.text, `${keyOf(port)} of the ${what}`, port.valueLine);
  for (const image of nodes.filter((node) => keyOf(node) === 'image')) if (image.text !== undefined) facts.add('container', image.text, `image of the ${what}`, image.valueLine);
}
