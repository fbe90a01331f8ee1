// `pivo temporal …`: the Temporal CLI that PIVO found, told where PIVO's Temporal is.
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runningRecord } from '../../../stack/record.ts';
import { findTemporalCli } from '../../../engines/temporal-cli.ts';
import type { Session } from '../session.ts';

/** Hands on arguments, terminal and exit code as they are. */
export async function temporal(session: Session, args: readonly string[]): Promise<number> {
  const { config } = session;
  const cli = await findTemporalCli({ path: process.env['PATH'] ?? '', cache: process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache') }, session.signal);
  const address = config.temporal.address ?? runningRecord(config.paths.run)?.temporal?.address;
  if (address === undefined) session.note('PIVO is not running here; `pivo up` starts it.\n');
  const env = { ...process.env, TEMPORAL_NAMESPACE: config.temporal.namespace, ...(address === undefined ? {} : { TEMPORAL_ADDRESS: address }) };
  const child = spawn(cli, args, { stdio: 'inherit', env });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
