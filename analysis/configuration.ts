// Configuration files: the names of settings, never their values.
import { Facts, type FileReader } from './reader.ts';
import { keyOf, yamlNodes } from './yaml.ts';

export const dotenvReader: FileReader = {
  reads: (path, name) => /^\.env(?:\..*)?$|\.env(?:\.(?:example|sample|template|dist))?$/.test(name) && !/\.(?:[cm]?[jt]s|py)$/.test(path),
  read(source) {
    const facts = new Facts(source);
    for (const [at, line] of source.lines.entries()) {
      const name = /^\s*(?:export\s+)?#?\s*([A-Za-z_]\w*)\s*=/.exec(line)?.[1];
      if (name !== undefined) facts.add('configuration', name, `environment variable, set in ${source.name}${line.trimStart().startsWith('#') ? ' as a comment' : ''}`, at + 1);
    }
    return facts.list;
  },
};

/** Names of all settings with a value, with dots between the levels. */
export const settingsReader: FileReader = {
  reads: (path, name) => /^(?:application|bootstrap|settings|config|conf|params|parameters|profiles|sources|schema)(?:[-_.][\w-]+)?\.ya?ml$/.test(name) || /(?:^|\/)(?:conf|config|configs)\/[^/]+\.ya?ml$/.test(path),
  read(source) {
    const facts = new Facts(source);
    for (const node of yamlNodes(source.text)) {
      if (node.text === undefined || /^\d+$/.test(keyOf(node)) || node.path.length > 6) continue;
      facts.add('configuration', keyOf(node), `setting ${node.path.slice(1).join('.')}`, node.line);
    }
    return facts.list;
  },
};

export const propertiesReader: FileReader = {
  reads: (path, name) => /\.(?:properties|conf|ini|cfg)$/.test(path) && !/^(?:setup\.cfg|tox\.ini|log4j.*|gradle-wrapper\.properties)$/.test(name),
  read(source) {
    const facts = new Facts(source);
    let section = '';
    for (const [at, line] of source.lines.entries()) {
      section = /^\s*\[([^\]]{1,100})\]\s*$/.exec(line)?.[1] ?? section;
      const name = /^\s*([A-Za-z_][\w.-]*)(?:\s*[=:]\s*|\s{1,20}(?=\S))/.exec(line)?.[1];
      if (name !== undefined) facts.add('configuration', name, section === '' ? 'setting' : `setting of section ${section}`, at + 1);
    }
    return facts.list;
  },
};
