// `pivo doctor`: every check with its mark, and what to do.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { examine, type Check } from '../../../stack/doctor.ts';
import type { LogEmbedder } from '../../../contract/log-search.ts';
import type { Health } from '../../../operations/health.ts';
import type { Drills } from '../../../operations/drills.ts';
import type { Verifications } from '../../../operations/verifications.ts';
import type { Session } from '../session.ts';
import { checksText } from './checks-text.ts';

/** Exit code 1 when something is wrong; warnings are no failure. */
export async function doctor(session: Session): Promise<number> {
  const places = { path: process.env['PATH'] ?? '', cache: process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache') };
  const checks = [...(await examine({ config: session.config, unusable: session.unusable, places })), ...(await proofChecks(session)), ...(await vectorChecks(session)), ...(await ingestionChecks(session))];
  const healthy = checks.every((check) => check.state !== 'wrong');
  await session.answer({ healthy, checks }, () => checksText(checks, session.style));
  return healthy ? 0 : 1;
}

/** What drills and verifications tell of the archive; nothing where it cannot be read now, which another check says. */
async function proofChecks(session: Session): Promise<Check[]> {
  const [drills, verifications] = await Promise.all([session.call<Drills>('drills', {}), session.call<Verifications>('verifications', { limit: 10_000 })]).catch(() => [null, null]);
  if (drills === null || verifications === null || drills.repositories.length === 0) return [];
  return [drillCheck(drills), verificationCheck(verifications)];
}

function drillCheck({ maxAge, repositories }: Drills): Check {
  const red = repositories.filter((each) => each.red);
  const never = repositories.filter(({ proven }) => proven === null).length;
  if (red.length === 0) return { name: 'Restore drills', state: 'ok', found: never === 0 ? `each repository was proven restorable within ${maxAge} days` : `${never} of ${repositories.length} repositories await their first drill` };
  const [first] = red;
  const found = `${red.length} of ${repositories.length} repositories were not proven restorable within ${maxAge} days, or failed: ${first?.repository ?? ''}${first?.failed === null ? '' : ` (${first?.failed ?? ''})`}${red.length > 1 ? ' and others' : ''}`;
  return { name: 'Restore drills', state: 'wrong', found, advice: '`pivo drill --all`; `pivo schedule add --all --drill --every 1w` does it by itself.' };
}

function verificationCheck({ runs, findings }: Verifications): Check {
  const [first] = findings;
  if (first !== undefined) return { name: 'Verification', state: 'wrong', found: `${findings.length} findings: ${first.file}: ${first.problem}${findings.length > 1 ? ' and others' : ''}`, advice: first.hint };
  const last = runs.find(({ finished }) => finished !== null)?.finished ?? null;
  if (last === null) return { name: 'Verification', state: 'warning', found: 'the archive was never verified', advice: '`pivo verify`; `pivo schedule add --all --verify --parts 30 --every 1d` does it by itself.' };
  return { name: 'Verification', state: 'ok', found: `nothing is known to be damaged; last run ${last}` };
}

/** Who makes the vectors of log search; nothing where no log was read. */
async function vectorChecks(session: Session): Promise<Check[]> {
  const found = await session.call<LogEmbedder>('log-embedder', {}).catch(() => null);
  if (found === null || found.state === 'empty') return [];
  const { active, configured, vectors, state } = found;
  if (state === 'ready') return [{ name: 'Log search', state: 'ok', found: `vectors by ${active} (${vectors})` }];
  return [{ name: 'Log search', state: 'warning', found: `vectors by ${active}; those by ${configured} are not complete`, advice: 'They are made while PIVO runs; see the run `embedLogs` and the worker in the log.' }];
}

/** Of the spool, records, pushes, notifications and the vault; nothing where they cannot be looked at, which another check says. */
const ingestionChecks = (session: Session): Promise<Check[]> => session.call<Health>('health', {}).then(({ checks }) => checks, () => []);
