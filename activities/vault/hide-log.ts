// Act: hides people in whatever messages the embedded log has beside the commits of the archive, and writes its file anew.
import { CommitEvent, ForgeRecordEvent } from '../../contract/events.ts';
import { openRewrite } from '../../events/embedded/rewrite.ts';
import { hideEvent } from '../../vault/people.ts';
import type { OpenVault } from '../../vault/open.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { hiddenNow, vaultIn } from './vault-in.ts';

/** Returns how many messages differed; null where the log is not PIVO's own file. Fails with Unavailable. */
export async function hideLog(deps: ActivityDeps, _input: unknown, run: ActRun): Promise<number | null> {
  const open = vaultIn(deps);
  using log = openRewrite(deps.events.url);
  if (log === null) return null;
  const differed = await log.each(({ id, value }) => valueOf(open, id, value), (done) => {
    run.signal.throwIfAborted();
    if (done % 10_000 === 0) open.vault.flush();
    run.onProgress({ phase: 'hiding people in the event log', done });
  });
  open.vault.flush();
  log.compact();
  return differed;
}

/** A commit that the archive does not have any more is hidden as it stands. */
function valueOf(open: OpenVault, id: string, value: string): string {
  if (isAudit(value)) return open.people.text(value); // says which token there was, as its file in the archive does
  if (id.startsWith('forge:')) return recordOf(open, value);
  if (!id.startsWith('commit:')) return hiddenNow(open, value);
  const parsed = CommitEvent.safeParse(parse(value));
  return parsed.success ? JSON.stringify(hideEvent(open, parsed.data)) : hiddenNow(open, value);
}

function recordOf(open: OpenVault, value: string): string {
  const parsed = ForgeRecordEvent.safeParse(parse(value));
  return parsed.success ? JSON.stringify(hideEvent(open, parsed.data)) : hiddenNow(open, value);
}

const isAudit = (value: string): boolean => value.startsWith('{"type":"AUDIT"');

function parse(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}
