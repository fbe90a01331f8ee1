// `docs`: documentation of a repository made of what its files say.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { PivoError } from '../../../contract/failures.ts';
import { parseSpec } from '../../../contract/spec.ts';
import type { Documentation } from '../../../operations/generate-documentation.ts';
import { many } from '../format.ts';
import { example, JSON_OPTION, POINT_HELP } from '../help.ts';
import type { Act } from '../program.ts';

interface DocsOptions {
  output?: string;
  force?: boolean;
  fresh?: boolean;
}

export function addDocsCommand(program: Command, act: Act): void {
  program
    .command('docs')
    .description('documentation made of what the files say: entry points, inputs, outputs, schedules, …; each claim with its line')
    .argument('<repo[@point]>')
    .argument('[path]', 'only this file or folder')
    .option('--output <file>', 'write the Markdown to a file')
    .option('--force', 'replace that file')
    .option('--fresh', 'make it anew where it was made before')
    .option(...JSON_OPTION)
    .addHelpText('after', POINT_HELP + example('pivo docs execa', 'pivo docs pipelines@2026-11-01 jobs/daily.py --output DAILY.md'))
    .action(act(async (session, spec: string, path: string | undefined, { output, force, fresh }: DocsOptions) => {
      const made = await session.call<Documentation>('generate-documentation', { ...parseSpec(spec), ...(path === undefined ? {} : { path }), ...(fresh === true ? { fresh } : {}) });
      if (output !== undefined) await write(resolve(output), made.content, force === true);
      if (output === undefined || session.json) await session.answer(made, ({ content }) => content);
      else session.note(`${output}: ${many(made.facts.length, 'fact')}, written by ${made.writtenBy}\n`);
    }));
}

/** Fails with Exists where the file is there and may not be replaced. */
async function write(file: string, content: string, replace: boolean): Promise<void> {
  try {
    await writeFile(file, content, { flag: replace ? 'w' : 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new PivoError('Exists', `${file} is there already`, { hint: 'Name another file, or give --force.', cause: error });
    throw new PivoError('InvalidInput', `${file} cannot be written: ${message}`, { hint: 'Name a file in a folder that is there and may be written.', cause: error });
  }
}
