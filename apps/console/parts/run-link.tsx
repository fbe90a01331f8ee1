// The way to a run in Temporal's own pages.
import type { JSX } from 'preact';
import type { Health } from '../../../operations/health.ts';
import type { StackStatus } from '../../../stack/status.ts';
import { get } from '../api/client.ts';
import { useLoad, type Loaded } from '../api/load.ts';

export const useHealth = (every?: number): Loaded<Health> => useLoad('health', (signal) => get<Health>(['health'], {}, signal), every === undefined ? {} : { every });

/** The address of a run in the Temporal UI; null where there is no UI. */
export function runAddress(temporal: Pick<StackStatus['temporal'], 'ui' | 'namespace'> | undefined, workflow: string, run: string): string | null {
  if (temporal?.ui == null || workflow === '' || !/^https?:/.test(temporal.ui)) return null;
  return `${temporal.ui.replace(/\/$/, '')}/namespaces/${encodeURIComponent(temporal.namespace)}/workflows/${encodeURIComponent(workflow)}/${encodeURIComponent(run)}/history`;
}

export function RunLink({ workflow, run, temporal }: { workflow: string; run: string; temporal: StackStatus['temporal'] | undefined }): JSX.Element | null {
  const address = runAddress(temporal, workflow, run);
  return address === null ? null : <a class="small" href={address} target="_blank" rel="noreferrer noopener">The run in Temporal</a>;
}
