// Reads messages as events: a fast check by hand for the common case, the schema for whatever it does not know.
import { PivoEvent, type CommitEvent } from '../contract/events.ts';

/** What a message holds: an event, or the reason why it is none. */
export type Checked = { event: PivoEvent } | { reason: string };

/** The event in a message of UTF-8 JSON. Accepts exactly what the schemas of contract/events.ts accept. */
export function checkEvent(value: string): Checked {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (error) {
    return { reason: `not JSON: ${(error as Error).message.slice(0, 200)}` };
  }
  if (isCommitEvent(parsed)) return { event: parsed };
  const result = PivoEvent.safeParse(parsed);
  if (result.success) return { event: result.data };
  const problems = result.error.issues.slice(0, 5).map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`);
  return { reason: `not an event that PIVO knows: ${problems.join('; ').slice(0, 1000)}` };
}

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const REFUSED_END = /\.(?:lock|git)?$/;

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isObjectId = (value: unknown): boolean => typeof value === 'string' && OBJECT_ID.test(value);
const isText = (value: unknown): value is string => typeof value === 'string';

/** True only for what CommitEvent accepts; false may still be a valid event. Counts keys because the schema is strict. */
function isCommitEvent(value: unknown): value is CommitEvent {
  if (typeof value !== 'object' || value === null) return false;
  const event = value as Record<keyof CommitEvent, unknown>;
  return (
    event.type === 'COMMIT' &&
    Object.keys(event).length === 14 &&
    isText(event.id) &&
    isText(event.repository) &&
    NAME.test(event.repository) &&
    !REFUSED_END.test(event.repository) &&
    isCount(event.visit) &&
    event.visit > 0 &&
    isObjectId(event.hash) &&
    Array.isArray(event.parents) &&
    event.parents.every(isObjectId) &&
    isPerson(event.author) &&
    isPerson(event.committer) &&
    isText(event.subject) &&
    isText(event.body) &&
    Array.isArray(event.changes) &&
    event.changes.every(isChange) &&
    isText(event.hdfsPath) &&
    isCount(event.part) &&
    isCount(event.parts) &&
    event.parts > 0
  );
}

function isPerson(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const person = value as Record<'name' | 'email' | 'time' | 'zone', unknown>;
  return Object.keys(person).length === 4 && isText(person.name) && isText(person.email) && (person.time === null || Number.isSafeInteger(person.time)) && isText(person.zone);
}

function isChange(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isText(value[0]) && value[0].length === 1 && isText(value[1]);
}
