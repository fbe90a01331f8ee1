// A failure as the person sees it, and the exit code it gives.
import { FAILURE_KINDS, isPivoError, type FailureReport } from '../../contract/failures.ts';
import { safe } from './format.ts';

/** Errors of the system about a folder or file that PIVO needs, such as its home. */
const REFUSALS: Record<string, 'StorageReadOnly' | 'StorageFull'> = { EACCES: 'StorageReadOnly', EPERM: 'StorageReadOnly', EROFS: 'StorageReadOnly', ENOTDIR: 'StorageReadOnly', ENOSPC: 'StorageFull', EDQUOT: 'StorageFull' };
const HINTS = { StorageReadOnly: 'Give it to the user that runs PIVO, or choose another home with PIVO_HOME.', StorageFull: 'Make room there, then start again.' };

/** Any error as a report; an unexpected one keeps its message and asks for nothing. */
export function reportOf(error: unknown): FailureReport {
  if (isPivoError(error)) return error.report();
  const { name, code, path } = (error ?? {}) as { name?: string; code?: string; path?: string };
  if (name === 'AbortError' || code === 'ABORT_ERR') return { kind: 'Cancelled', message: 'cancelled' };
  const kind = code === undefined || path === undefined ? undefined : REFUSALS[code];
  if (kind !== undefined) return { kind, message: `${path} cannot be used (${code})`, hint: HINTS[kind] };
  return { kind: 'Internal', message: error instanceof Error ? (error.stack ?? error.message) : String(error), hint: 'This is a fault of PIVO: please report it with the lines above.' };
}

/** Exit code of a kind; `docs` of the codes is FAILURE_KINDS in contract/failures.ts. */
export const exitCodeOf = (report: FailureReport): number => FAILURE_KINDS[report.kind].exitCode;

/** `error: …` and `hint: …`, or one JSON line `{"error":{kind,message,hint,facts}}`. */
export function failureText(report: FailureReport, json: boolean, colour: boolean): string {
  if (json) return `${JSON.stringify({ error: report })}\n`;
  const paint = (code: number, text: string): string => (colour ? `\u001B[${code}m${text}\u001B[0m` : text);
  const hint = report.hint === undefined ? '' : `${paint(36, 'hint:')} ${safe(report.hint)}\n`;
  return `${paint(31, 'error:')} ${safe(report.message)}\n${hint}`;
}
