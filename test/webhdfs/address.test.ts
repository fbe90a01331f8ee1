// Where a WebHDFS URL leads, with and without Hadoop's configuration.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../config.ts';
import { openStore } from '../../archive/open.ts';
import { hdfsAddress } from '../../archive/webhdfs/address.ts';

let conf: string;
let single: string;
const site = (properties: Record<string, string>): string => `<?xml version="1.0"?>\n<configuration>\n${Object.entries(properties).map(([name, value]) => `<property>\n <name>${name}</name>\n <value>${value}</value> <final>true</final></property>`).join('\n')}</configuration>`;

beforeAll(async () => {
  conf = await mkdtemp(join(tmpdir(), 'pivo-conf-'));
  single = await mkdtemp(join(tmpdir(), 'pivo-conf-'));
  await writeFile(join(conf, 'core-site.xml'), site({ 'fs.defaultFS': 'hdfs://blue/ignored', 'with.entity': 'a &amp; b' }));
  await writeFile(join(conf, 'hdfs-site.xml'), `<!-- <property><name>dfs.nameservices</name><value>old</value></property> -->${site({
    'dfs.nameservices': 'blue, green',
    'dfs.ha.namenodes.blue': 'nn1,nn2',
    'dfs.namenode.http-address.blue.nn1': 'blue1.example.com:50070',
    'dfs.namenode.http-address.blue.nn2': 'blue2.example.com:50070',
    'dfs.namenode.https-address.blue.nn1': 'blue1.example.com:50470',
    'dfs.namenode.https-address.blue.nn2': 'blue2.example.com:50470',
    'dfs.namenode.http-address.green': 'green.example.com:9870',
  })}`);
  await writeFile(join(single, 'core-site.xml'), site({ 'fs.defaultFS': 'hdfs://only.example.com:8020' }));
  await writeFile(join(single, 'hdfs-site.xml'), site({ 'dfs.namenode.http-address': '0.0.0.0:9999' }));
});
afterAll(async () => {
  await rm(conf, { recursive: true });
  await rm(single, { recursive: true });
});

describe('a WebHDFS URL', () => {
  test.each([
    ['webhdfs://nn:9870', ['nn:9870'], '/', false],
    ['webhdfs://nn1:9870,nn2/pivo/', ['nn1:9870', 'nn2:9870'], '/pivo', false],
    ['swebhdfs://nn1,nn2:5/a//b%20c', ['nn1:9871', 'nn2:5'], '/a/b c', true],
    ['webhdfs://[::1]:9870/x', ['[::1]:9870'], '/x', false],
  ])('%s names its NameNodes and its root', (url, nameNodes, root, tls) => {
    expect(hdfsAddress(url)).toEqual({ url, nameNodes, root, tls });
  });

  test('can name a name service, the default one, or another', () => {
    expect(hdfsAddress('webhdfs://blue/pivo', conf)).toMatchObject({ nameNodes: ['blue1.example.com:50070', 'blue2.example.com:50070'], root: '/pivo' });
    expect(hdfsAddress('webhdfs:///pivo', conf).nameNodes).toEqual(['blue1.example.com:50070', 'blue2.example.com:50070']);
    expect(hdfsAddress('swebhdfs://blue', conf).nameNodes).toEqual(['blue1.example.com:50470', 'blue2.example.com:50470']);
    expect(hdfsAddress('webhdfs://green', conf).nameNodes).toEqual(['green.example.com:9870']);
    expect(hdfsAddress('webhdfs:///', single).nameNodes).toEqual(['only.example.com:9999']);
    expect(hdfsAddress('swebhdfs:///', single).nameNodes).toEqual(['only.example.com:9871']);
  });

  test.each(['webhdfs://ada:secret@nn:9870/', 'webhdfs:///x', 'webhdfs://nn:99999999/', 'webhdfs://n n/', 'webhdfs:nn', 'webhdfs://nn/%zz', 'webhdfs://nn/x?delegation=secret'])('%s is refused, and its words are not repeated', (url) => {
    expect(() => openStore(url)).toThrow(expect.objectContaining({ kind: 'InvalidInput', message: expect.not.stringContaining('secret') }));
  });

  test('a folder without Hadoop\'s files, or a name service without addresses, is refused', async () => {
    expect(() => hdfsAddress('webhdfs://blue', tmpdir())).toThrow(expect.objectContaining({ kind: 'InvalidInput', message: expect.stringContaining('neither core-site.xml') }));
    expect(() => hdfsAddress('swebhdfs://green', conf)).toThrow(expect.objectContaining({ message: expect.stringContaining('https-address.green') }));
  });
});

test('Hadoop\'s own variables say where its configuration is and who to be; the file of PIVO_HOME says the rest', async () => {
  await writeFile(join(single, 'config.toml'), '[webhdfs]\nuser = "filed"\ntokenFile = "/run/token"\ndatanodes = [".example.com"]\n');
  expect(loadConfig({ PIVO_HOME: single }).webhdfs).toMatchObject({ user: 'filed', tokenFile: '/run/token', datanodes: ['.example.com'] });
  expect(loadConfig({ PIVO_HOME: single, HADOOP_CONF_DIR: conf, HADOOP_USER_NAME: 'ada' }).webhdfs).toMatchObject({ user: 'ada', hadoopConf: conf });
});
