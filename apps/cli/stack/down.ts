// `pivo down`: ends the stack of the home.
import { stopStack } from '../../../stack/detached.ts';
import type { Session } from '../session.ts';

/** Says whether there was anything to end; that nothing ran is no failure. */
export async function down(session: Session): Promise<void> {
  session.progress.begin('ending');
  const stopped = await stopStack(session.config);
  await session.answer({ home: session.config.home, stopped }, () => `${stopped ? 'PIVO has ended' : 'PIVO was not running'} ${session.style.dim(`(${session.config.home})`)}\n`);
}
