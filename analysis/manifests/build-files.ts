// pom.xml, Gradle, sbt, go.mod, Cargo.toml, dbt_project.yml: what they depend on.
import { Facts, type FileReader } from '../reader.ts';
import { nodesAt, yamlNodes } from '../yaml.ts';

export const mavenReader: FileReader = {
  reads: (_path, name) => name === 'pom.xml',
  read(source) {
    const facts = new Facts(source);
    let block: Record<string, { text: string; line: number }> | null = null;
    for (const [at, line] of source.lines.entries()) {
      if (line.includes('<dependency>')) block = {};
      for (const [, key = '', text = ''] of line.matchAll(/<(groupId|artifactId|version|scope)>\s*([^<]{1,200}?)\s*<\//g)) if (block !== null) block[key] = { text, line: at + 1 };
      if (!line.includes('</dependency>')) continue;
      const name = block?.['artifactId'];
      if (name !== undefined) facts.add('dependency', name.text, `Maven artifact of ${block?.['groupId']?.text ?? '?'} ${block?.['version']?.text ?? ''}${block?.['scope'] === undefined ? '' : `, scope ${block['scope'].text}`}`, name.line);
      block = null;
    }
    return facts.list;
  },
};

export const gradleReader: FileReader = {
  reads: (_path, name) => /^build\.gradle(?:\.kts)?$/.test(name) || name === 'build.sbt' || name === 'dependencies.scala',
  read(source) {
    const facts = new Facts(source);
    for (const [at, line] of source.lines.entries()) {
      const plain = line.replace(/^\s*\/\/.*$/, '');
      const [, scope = '', name = ''] = /^\s*(implementation|api|compileOnly|runtimeOnly|testImplementation|annotationProcessor|kapt|compile|testCompile|provided)\b[\s(]*(?:platform\s*\()?["']([^"']{3,200})["']/.exec(plain) ?? [];
      if (name.includes(':')) facts.add('dependency', name, `Gradle dependency, ${scope}`, at + 1);
      for (const [whole, group = '', artifact = ''] of plain.matchAll(/"([\w.-]+)"\s*%%?%?\s*"([\w.-]+)"\s*%\s*("[^"]{1,60}"|[\w.]+)(?:\s*%\s*\S+)?/g)) facts.add('dependency', artifact, `sbt dependency of ${group}${whole.slice(whole.lastIndexOf('%') + 1).replaceAll('"', '')}`, at + 1);
    }
    return facts.list;
  },
};

export const goModReader: FileReader = {
  reads: (_path, name) => name === 'go.mod',
  read(source) {
    const facts = new Facts(source);
    let inside = false;
    for (const [at, line] of source.lines.entries()) {
      inside = /^require\s*\(/.test(line) || (inside && !line.startsWith(')'));
      const [, name, version = ''] = /^(?:require\s+|\s+)([\w.~-]+\.[\w./~-]+)\s+(v\S+)/.exec(line) ?? [];
      if (name !== undefined && (inside || line.startsWith('require'))) facts.add('dependency', name, `Go module ${version}${line.includes('// indirect') ? ', indirect' : ''}`, at + 1);
      const go = /^go\s+(\S+)/.exec(line)?.[1];
      if (go !== undefined) facts.add('configuration', `go ${go}`, 'the version of Go that it needs', at + 1);
    }
    return facts.list;
  },
};

export const cargoReader: FileReader = {
  reads: (_path, name) => name === 'cargo.toml',
  read(source) {
    const facts = new Facts(source);
    let table = '';
    for (const [at, line] of source.lines.entries()) {
      table = /^\s*\[\[?([^\]]{1,200})\]/.exec(line)?.[1] ?? table;
      const [, name, value = ''] = /^\s*([\w-]+)(?:\.workspace)?\s*=\s*(.+)$/.exec(line) ?? [];
      const kind = /(?:^|\.)((?:dev-|build-)?dependencies)$/.exec(table)?.[1];
      if (name !== undefined && kind !== undefined) facts.add('dependency', name, `crate ${/"([^"]{1,60})"/.exec(value)?.[1] ?? ''}${kind === 'dependencies' ? '' : `, ${kind}`}`, at + 1);
    }
    return facts.list;
  },
};

export const dbtReader: FileReader = {
  reads: (_path, name) => /^(?:dbt_project|packages)\.ya?ml$/.test(name),
  read(source) {
    const facts = new Facts(source);
    const nodes = yamlNodes(source.text);
    for (const name of nodesAt(nodes, 'name')) if (name.text !== undefined) facts.add('entryPoint', name.text, 'a dbt project', name.valueLine);
    for (const profile of nodesAt(nodes, 'profile')) if (profile.text !== undefined) facts.add('configuration', profile.text, 'the dbt profile that it connects with', profile.valueLine);
    for (const item of nodesAt(nodes, 'packages', '*', 'package')) if (item.text !== undefined) facts.add('dependency', item.text, 'dbt package', item.valueLine);
    return facts.list;
  },
};
