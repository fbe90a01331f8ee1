// Names of time zones, as IANA keeps them: checked before a schedule is made.
import { z } from 'zod';

/** How many names a refusal offers. */
const OFFERED = 3;

/** An IANA name that this machine knows (RFC 6557), such as `Europe/Paris`; its case is put right. Offsets like `+02:00` have no summer time and are refused. */
export const TimeZone = z
  .string()
  .min(1)
  .max(100)
  .transform((name, context) => {
    const zone = knownZone(name);
    if (zone !== null) return zone;
    context.addIssue({ code: 'custom', message: `there is no time zone "${name}"${offer(name)}` });
    return z.NEVER;
  });

function knownZone(name: string): string | null {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return null;
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    return known.toLowerCase() === name.toLowerCase() ? known : name; // an alias stays as it was given
  } catch {
    return null;
  }
}

function offer(name: string): string {
  const like = Intl.supportedValuesOf('timeZone').filter((zone) => zone.toLowerCase().includes(name.toLowerCase())).slice(0, OFFERED);
  return like.length === 0 ? '; an IANA name is meant, such as Europe/Paris' : `; is ${like.join(' or ')} meant?`;
}
