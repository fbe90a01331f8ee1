// Reads the properties of Hadoop's XML configuration: what a client must know to find its NameNodes.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PivoError } from '../../contract/failures.ts';

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Properties of core-site.xml and hdfs-site.xml in `folder`; later ones win. Fails with InvalidInput when neither is there. */
export function readHadoopConf(folder: string): Map<string, string> {
  const files = ['core-site.xml', 'hdfs-site.xml'].map((name) => join(folder, name)).filter((file) => existsSync(file));
  if (files.length === 0) throw new PivoError('InvalidInput', `${folder} holds neither core-site.xml nor hdfs-site.xml`, { hint: 'Let HADOOP_CONF_DIR name the folder of the cluster\'s client configuration.' });
  return new Map(files.flatMap((file) => [...properties(readFileSync(file, 'utf8'))]));
}

function* properties(xml: string): Generator<[string, string]> {
  for (const [, property = ''] of xml.replace(/<!--[\s\S]*?-->/g, '').matchAll(/<property>([\s\S]*?)<\/property>/g)) {
    const name = text(property, 'name');
    const value = text(property, 'value');
    if (name !== null && value !== null) yield [name, value];
  }
}

function text(xml: string, element: string): string | null {
  const content = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(xml)?.[1];
  return content?.trim().replace(/&(\w+);/g, (entity, name: string) => ENTITIES[name] ?? entity) ?? null;
}
