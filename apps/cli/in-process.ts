// Runs an operation in the CLI's own process, for when no PIVO runs.
import { userInfo } from 'node:os';
import type { Config } from '../../config.ts';
import { parseInput } from '../../contract/validation.ts';
import { createLog } from '../../log.ts';
import { openContext } from '../../operations/context.ts';
import { loadOperation } from '../../operations/index.ts';
import type { RunOptions } from '../../operations/operation.ts';
import { runningRecord } from '../../stack/record.ts';

/** As the local endpoint does it. What the operation opened stays open until the process ends: its content may still be read. */
export async function callInProcess<T>(config: Config, name: string, input: object, options: RunOptions): Promise<T> {
  const operation = await loadOperation(name);
  const parsed = parseInput(operation.input, input, `${name} input`);
  const quiet: Config = { ...config, log: { level: config.log.level === 'info' ? 'warn' : config.log.level } };
  const context = openContext(withRunningTemporal(quiet), createLog(quiet, 'PIVO-CLI'), { user: userInfo().username, via: 'cli', owner: true });
  return (await operation.run(context, parsed, options)) as T;
}

/** The address of the home's own Temporal, where it runs although the local endpoint does not answer. */
function withRunningTemporal(config: Config): Config {
  const address = config.temporal.address ?? runningRecord(config.paths.run)?.temporal?.address;
  return address === undefined ? config : { ...config, temporal: { ...config.temporal, address } };
}
