// What a validation is given beside the proposal, and how a check says that it did not run.
import { isPivoError } from '../../contract/failures.ts';
import type { PipelineProblem } from '../../contract/pipeline.ts';
import { problem, type CheckName } from './problem.ts';
import type { ToolPlaces } from './tools.ts';

export interface ValidationOptions {
  /** Where check-jsonschema and hadolint are kept, and fetched to. */
  tools: ToolPlaces;
  /** Hosts that scripts may speak to: those of the templates and of the repository's own scripts. */
  knownHosts: readonly string[];
  /** CI variables that are secret whatever their names: those that the forge masks. */
  secretVariables?: readonly string[];
  /** GitLab's own lint of `.gitlab-ci.yml`; null where the forge has none. */
  forgeLint?: ((content: string, signal?: AbortSignal) => Promise<PipelineProblem[] | null>) | undefined;
  signal?: AbortSignal | undefined;
}

/** What a check needs to run its program. */
export interface Bench {
  tools: ToolPlaces;
  signal: AbortSignal;
  /** A folder of this validation alone. */
  folder: string;
}

/** The warning for a check that did not run: why, and what to do. An abort is no such thing and goes on. */
export function notRun(check: CheckName, path: string, what: string, error: unknown, signal: AbortSignal): PipelineProblem {
  signal.throwIfAborted();
  const said = error instanceof Error ? error.message : String(error);
  const hint = isPivoError(error) ? error.hint : undefined;
  return problem(check, 'warning', { path, line: null }, `was not checked by ${what}: ${said.replaceAll(/\s+/g, ' ').slice(0, 200)}${hint === undefined ? '' : `. ${hint}`}`);
}
