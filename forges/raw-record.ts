// Reads what forges answer into records: each field checked for its type, since nothing of it is ours.
import { PivoError } from '../contract/failures.ts';
import type { ForgeDataKind, ForgeRecord } from '../contract/forge-data.ts';

/** An object of JSON as it came. */
export type Raw = Record<string, unknown>;

export const textIn = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const numberIn = (value: unknown): number | null => (typeof value === 'number' && Number.isSafeInteger(value) ? value : null);

export const objectIn = (value: unknown): Raw => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {});

export const listIn = (value: unknown): Raw[] => (Array.isArray(value) ? value.filter((each): each is Raw => typeof each === 'object' && each !== null) : []);

/** ISO 8601 in UTC; null for what is no instant. */
export function instantIn(value: unknown): string | null {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** The number at the end of an address such as `…/issues/42`. */
export function numberAtEnd(value: unknown): number | null {
  const [, digits] = /\/(\d{1,15})$/.exec(textIn(value) ?? '') ?? [];
  return digits === undefined ? null : Number(digits);
}

/** A number or a text as text. Fails with InvalidInput where there is none. */
export function idIn(value: unknown, kind: ForgeDataKind): string {
  if ((typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && value !== '')) return String(value);
  throw new PivoError('InvalidInput', `the forge named one of its ${kind} without an id`, { hint: 'Check forges.api in config.toml: it is the base of the API.' });
}

/** The record of an item; `told` has what the fields that all forges share do not say. */
export function recordOf(kind: ForgeDataKind, raw: Raw, told: Partial<ForgeRecord> = {}): ForgeRecord {
  return {
    kind,
    id: told.id ?? idIn(raw['id'], kind),
    number: numberIn(told.number),
    parent: told.parent ?? null,
    created: told.created === undefined ? instantIn(raw['created_at']) : told.created,
    updated: told.updated === undefined ? instantIn(raw['updated_at']) : told.updated,
    author: told.author ?? null,
    title: told.title === undefined ? textIn(raw['title']) : told.title,
    body: told.body === undefined ? textIn(raw['body']) : told.body,
    state: told.state === undefined ? textIn(raw['state']) : told.state,
    url: told.url === undefined ? textIn(raw['html_url']) : told.url,
    raw,
  };
}

export const numberOf = (raw: Raw, name: string): number | null => numberIn(raw[name]);
