// Entry: provokes failures with the real software and keeps what it said: `node test/debug/provoke/main.ts [NAME…]`, all without a name.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from './failure.ts';
import { openLab } from './lab.ts';
import { neutral, shortened } from './neutral.ts';

const SYSTEMS = ['spark', 'hdfs', 'kafka', 'temporal', 'pivo', 'git', 'airflow', 'healthy'];
const FOLDER = join(import.meta.dirname, '..', 'failures');

async function main(names: readonly string[]): Promise<void> {
  const all = (await Promise.all(SYSTEMS.map(async (system) => ((await import(`./${system}.ts`)) as { FAILURES: readonly Failure[] }).FAILURES))).flat();
  const chosen = names.length === 0 ? all : all.filter(({ name }) => names.some((wanted) => name === wanted || name.startsWith(`${wanted}-`)));
  const lab = await openLab();
  try {
    await mkdir(FOLDER, { recursive: true });
    for (const { name, provoke } of chosen) {
      const said = await provoke(lab).then((log) => shortened(neutral(log, lab.names())), (error: unknown) => `NOT PROVOKED: ${(error as Error).stack}`);
      if (!said.startsWith('NOT PROVOKED')) await writeFile(join(FOLDER, `${name}.log`), said);
      process.stdout.write(`${name.padEnd(40)} ${said.startsWith('NOT') ? said : `${said.length} bytes`}\n`);
    }
  } finally {
    await lab.close();
  }
}

await main(process.argv.slice(2));
