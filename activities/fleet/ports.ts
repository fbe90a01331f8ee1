// What the acts of a fleet run work with: the worker's book of sources, and where runs are kept.
import { PivoError } from '../../contract/failures.ts';
import type { SourceSpec } from '../../contract/source.ts';
import type { ActivityDeps, FleetPorts } from '../act.ts';

/** Fails with InvalidInput where this worker knows no sources: another attempt would not help either. */
export function fleetPorts({ fleet }: ActivityDeps): FleetPorts {
  if (fleet === undefined) throw new PivoError('InvalidInput', 'this worker knows no sources');
  return fleet;
}

/** Fails with NotFound. */
export function sourceSpec(deps: ActivityDeps, name: string): SourceSpec {
  const spec = fleetPorts(deps).book.source(name);
  if (spec === null) throw new PivoError('NotFound', `there is no source "${name}"`, { hint: '`pivo source list` shows them; `pivo source add` adds one.' });
  return spec;
}
