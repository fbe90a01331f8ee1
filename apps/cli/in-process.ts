// Runs an operation in the CLI's own process, for when no PIVO runs.
import { userInfo } from 'node:os';
import { textWriter } from '../../agent/writer.ts';
import type { Config } from '../../config.ts';
import { parseInput } from '../../contract/validation.ts';
import { createLog } from '../../log.ts';
import { openContext, type OpenContext } from '../../operations/context.ts';
import { loadOperation } from '../../operations/index.ts';
import type { Caller, OperationContext, RunOptions } from '../../operations/operation.ts';
import { runningRecord } from '../../stack/record.ts';

/** As the local endpoint does it. What the operation opened stays open until the process ends: its content may still be read. */
export async function callInProcess<T>(config: Config, name: string, input: object, options: RunOptions): Promise<T> {
  return runIn<T>(openHere(config, 'PIVO-CLI', { user: userInfo().username, via: 'cli', owner: true }), name, input, options);
}

/** Runs the operation with a context of this process. Fails with NotFound, InvalidInput, and what the operation fails with. */
export async function runIn<T>(context: OperationContext, name: string, input: object, options: RunOptions): Promise<T> {
  const operation = await loadOperation(name);
  return (await operation.run(context, parseInput(operation.input, input, `${name} input`), options)) as T;
}

/** What operations of this process work with; its log says warnings only, unless the configuration asks for more. */
export function openHere(config: Config, component: string, caller: Caller): OpenContext {
  const quiet: Config = { ...config, log: { level: config.log.level === 'info' ? 'warn' : config.log.level } };
  return openContext(withRunningTemporal(quiet), createLog(quiet, component), caller, textWriter(config.llm));
}

/** The address of the home's own Temporal, where it runs although the local endpoint does not answer. */
function withRunningTemporal(config: Config): Config {
  const address = config.temporal.address ?? runningRecord(config.paths.run)?.temporal?.address;
  return address === undefined ? config : { ...config, temporal: { ...config.temporal, address } };
}
