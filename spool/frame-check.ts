// Checks frames at the speed of the spool: accepts exactly what the schema of contract/spool.ts accepts, in a twentieth of its time.
import { Frame, SpoolKind } from '../contract/spool.ts';

type Members = Readonly<Record<string, unknown>>;

/** True for what the schema of a frame accepts; a property test proves the two equal for all that JSON and MessagePack can say. */
export function isFrame(value: unknown): value is Frame {
  if (!isObject(value) || !hasOnly(value, FRAME)) return false;
  const { kind, key, time, id, payload } = value;
  return isTime(time) && isText(key, 1, 512) && isText(id, 1, 512) && isObject(payload) && isPayload(kind, payload);
}

/** What the schema has against a value, in words, for people. */
export function problemOfFrame(value: unknown): string {
  if (isObject(value) && !SpoolKind.safeParse(value['kind']).success) return `kind: one of ${SpoolKind.options.join(', ')} is wanted`;
  const { error } = Frame.safeParse(value);
  return error?.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`)).join('; ') ?? 'it is not a frame';
}

const FRAME = new Set(['kind', 'key', 'time', 'id', 'payload']);
const EVENT = new Set(['type', 'source', 'subject', 'text', 'data']);
const METRIC = new Set(['name', 'value', 'unit', 'labels']);
const PUSH = new Set(['source', 'forge', 'repository', 'urls', 'ref', 'before', 'after']);
const FORGES: ReadonlySet<unknown> = new Set(['github', 'gitlab', 'gitea']);

/** 9999-12-31T23:59:59.999Z. */
const LAST_TIME = 253_402_300_799_999;

const isTime = (time: unknown): boolean => Number.isInteger(time) && (time as number) >= 0 && (time as number) <= LAST_TIME;

function isPayload(kind: unknown, payload: Members): boolean {
  if (kind === 'event') return isEvent(payload);
  if (kind === 'metric') return isMetric(payload);
  return kind === 'push' && isPush(payload);
}

function isEvent(payload: Members): boolean {
  const { type, source, subject, text, data } = payload;
  return hasOnly(payload, EVENT) && isText(type, 1, 200) && isTextOrNone(source, 512) && isTextOrNone(subject, 512) && isTextOrNone(text, 65_536) && (data === undefined || isRecord(data, isJson));
}

function isMetric(payload: Members): boolean {
  const { name, value, unit, labels } = payload;
  return hasOnly(payload, METRIC) && isText(name, 1, 200) && Number.isFinite(value) && isTextOrNone(unit, 50) && (labels === undefined || isRecord(labels, isLabel));
}

function isPush(payload: Members): boolean {
  const { source, forge, repository, urls, ref, before, after } = payload;
  return hasOnly(payload, PUSH) && isText(source, 1, 100) && FORGES.has(forge) && isText(repository, 1, 512) && isUrls(urls) && isTextOrNull(ref, 1_024) && isTextOrNull(before, 64) && isTextOrNull(after, 64);
}

const isUrls = (urls: unknown): boolean => Array.isArray(urls) && urls.length > 0 && urls.length <= 8 && isListOf(urls, (url) => isText(url, 1, 2_048));

const isText = (value: unknown, least: number, most: number): boolean => typeof value === 'string' && value.length >= least && value.length <= most;
const isTextOrNone = (value: unknown, most: number): boolean => value === undefined || isText(value, 0, most);
const isTextOrNull = (value: unknown, most: number): boolean => value === null || isText(value, 0, most);
const isLabel = (value: unknown): boolean => isText(value, 0, 512);

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

function hasOnly(value: Members, names: ReadonlySet<string>): boolean {
  for (const name in value) if (!names.has(name)) return false;
  return true;
}

/** Unlike `every`, a hole is looked at too. */
function isListOf(values: readonly unknown[], isElement: (element: unknown) => boolean): boolean {
  for (const value of values) if (!isElement(value)) return false;
  return true;
}

function isRecord(value: unknown, isMember: (member: unknown) => boolean, longest = 200): boolean {
  if (!isPlain(value)) return false;
  for (const name of Object.keys(value)) if (name.length > longest || !isMember(value[name])) return false;
  return true;
}

/** An object as a literal makes it. */
function isPlain(value: unknown): value is Members {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return value === null || (Array.isArray(value) ? isListOf(value, isJson) : isRecord(value, isJson, Number.POSITIVE_INFINITY));
    default:
      return false;
  }
}
