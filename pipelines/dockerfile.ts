// The Dockerfile of a stack that makes a service and has none: several stages, a user that is not root, exact images.
import type { ProposedFile, Stack } from '../contract/pipeline.ts';
import { unquotePath } from '../git/quote.ts';
import { quotePath } from '../shell/quote.ts';
import { imageFor } from './assemble-image.ts';
import { linesOf, setupOf } from './assemble-jobs.ts';
import { under } from './needs-project.ts';
import type { PipelineTemplate, Placeholder } from './templates.ts';

/** So that the paths of both files are none too long. */
const LONGEST_FOLDER = 400;

/** Dockerfile and .dockerignore for the stack's folder; none where the stack makes no service, its template has none, or a value would be read as something else. */
export function dockerfileOf(stack: Stack, template: PipelineTemplate, has: (path: string) => boolean): ProposedFile[] {
  const { dockerfile, image } = template;
  if (dockerfile === undefined || image === null || stack.start === null || stack.folder.length > LONGEST_FOLDER) return [];
  const port = String(stack.ports[0] ?? dockerfile.port);
  const values: Record<Placeholder, string | null> = {
    managerVersion: stack.managerVersion ?? template.managerVersion ?? null,
    image: imageFor(image, stack.version).image,
    runtime: dockerfile.runtime === undefined ? null : imageFor(dockerfile.runtime, stack.version).image,
    setup: joined(setupOf(stack, template)), install: joined(linesOf(stack.steps.install)), build: joined(linesOf(stack.steps.build)),
    start: JSON.stringify(startOf(stack.start.run)), main: mainOf(stack), port,
  };
  const content = `${dockerfile.lines.flatMap((line) => filled(line, values) ?? []).join('\n')}\n`;
  // a here-document, or a line that goes on, would make something else of what follows
  if (content.includes('<<') || /\\$/m.test(content.replaceAll(String.raw`{} /app.jar \;`, '').replaceAll(String.raw`{} /server \;`, ''))) return [];
  const ignore = under(stack.folder, '.dockerignore');
  return [
    { path: under(stack.folder, 'Dockerfile'), content, existing: null },
    ...(has(ignore) || dockerfile.ignore.length === 0 ? [] : [{ path: ignore, content: `${dockerfile.ignore.join('\n')}\n`, existing: null }]),
  ];
}

/** The file that shows how the service starts, from the stack's folder. */
function mainOf({ folder, start }: Stack): string | null {
  const file = start?.evidence[0]?.file;
  const path = file === undefined ? '' : unquotePath(file).toString('utf8');
  return path === '' ? null : quotePath(folder === '' ? path : path.slice(folder.length + 1));
}

const joined = (lines: readonly string[]): string | null => (lines.length === 0 ? null : lines.join(' && '));

/** A command that no shell has to read is run as it is. */
const startOf = (run: string): string[] => (/^[\w./ -]+$/.test(run) ? run.split(' ') : ['sh', '-c', run]);

/** The line with its values; undefined where one of them is not known. */
function filled(line: string, values: Record<Placeholder, string | null>): string | undefined {
  const names = [...line.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name as Placeholder);
  return names.some((name) => values[name] === null) ? undefined : line.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: Placeholder) => values[name] ?? '');
}
