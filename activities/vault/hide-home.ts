// Act: hides people in what a home keeps beside the event log and the index: conversations, documents, logs, caches.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PivoError } from '../../contract/failures.ts';
import { anyEntry, emptyLogs } from '../../logs/empty.ts';
import { blankLines, rewriteTexts } from '../../vault/rewrite.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { hiddenNow, vaultIn } from './vault-in.ts';

export interface HiddenHome {
  /** Texts and lines that differed. */
  texts: number;
  /** The log index named somebody and is empty now. */
  logsEmptied: boolean;
}

/** Doing it twice changes nothing more. Fails with Unavailable. */
export async function hideHome(deps: ActivityDeps, _input: unknown, { onProgress }: ActRun): Promise<HiddenHome> {
  const open = vaultIn(deps);
  if (deps.home === undefined) throw new PivoError('Unavailable', 'this worker has no home whose texts it could hide');
  const { state, logs } = deps.home;
  const hide = (text: string): string => hiddenNow(open, text);
  onProgress({ phase: 'hiding people in conversations and documents' });
  let texts = rewriteTexts(state, hide);
  onProgress({ phase: 'hiding people in logs' });
  for (const name of await filesIn(logs)) texts += blankLines(join(logs, name), hide);
  const logsEmptied = deps.logIndex !== undefined && anyEntry(deps.logIndex, (text) => open.people.text(text) !== text);
  if (logsEmptied) await emptyLogs(deps.logIndex as string);
  return { texts, logsEmptied };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
