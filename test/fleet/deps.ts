// The ports of a worker that knows sources.
import { join } from 'node:path';
import type { ActivityDeps } from '../../activities/act.ts';
import { stateFleets } from '../../state/fleet-runs.ts';
import { stateSources } from '../../state/sources.ts';
import { testDeps, type TestTemporal } from '../harness/temporal.ts';

export const statePath = (temporal: Pick<TestTemporal, 'folder'>, workerId: string): string => join(temporal.folder, workerId, 'state.db');

export function fleetDeps(temporal: TestTemporal, workerId: string): ActivityDeps {
  const state = statePath(temporal, workerId);
  return { ...testDeps(temporal, workerId), protocols: ['https', 'http', 'ssh', 'file'], fleet: { forges: [], book: stateSources(state), rows: stateFleets(state) } };
}
