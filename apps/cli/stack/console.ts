// `pivo console`: where the console is, with the token that makes its reader the owner.
import { readFileSync } from 'node:fs';
import type { Config } from '../../../config.ts';
import { PivoError } from '../../../contract/failures.ts';
import { recordedAddress } from '../../../stack/address.ts';
import type { Session } from '../session.ts';

/** The address with the owner's token behind `#`, which no browser sends or logs; null when no server runs. */
export function openAddress({ paths }: Config): string | null {
  const url = recordedAddress(paths.run, 'server');
  return url === null ? null : `${url}/#token=${readFileSync(paths.serverToken, 'utf8').trim()}`;
}

/** Fails with Unavailable when no server runs. */
export async function consoleAddress(session: Session): Promise<void> {
  const address = openAddress(session.config);
  if (address === null) throw new PivoError('Unavailable', 'no server runs in this home', { hint: 'Start it with `pivo up --detach`.' });
  await session.answer({ url: recordedAddress(session.config.paths.run, 'server'), open: address }, ({ open }) => `${open}\n`);
}
