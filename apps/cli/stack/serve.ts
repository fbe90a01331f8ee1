// `pivo serve`: the server alone, for a cluster or beside a worker of another machine.
import { PivoError } from '../../../contract/failures.ts';
import { runForeground } from '../../../stack/foreground.ts';
import { recordedAddress } from '../../../stack/address.ts';
import type { Session } from '../session.ts';

/** Fails with Exists when the home's server runs already: its socket is one. */
export async function serve({ config, json }: Session): Promise<number> {
  const running = recordedAddress(config.paths.run, 'server');
  if (running !== null) throw new PivoError('Exists', `the server of this home runs already at ${running}`, { hint: '`pivo up` runs it too; `pivo console` prints its address.' });
  return runForeground('server', { env: process.env, json });
}
