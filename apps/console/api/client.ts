// Asks the server's REST addresses; every failure arrives as one kind of error with a hint.
import { signal } from '@preact/signals';
import type { FailureReport } from '../../../contract/failures.ts';
import { access, token } from '../session.ts';

/** What went wrong, as the server's problem document tells it. */
export class ApiFailure extends Error {
  readonly kind: string;
  readonly status: number;
  readonly hint: string | undefined;
  readonly facts: Record<string, unknown>;

  constructor(status: number, { kind, message, hint, facts }: Omit<FailureReport, 'kind'> & { kind: string }) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.hint = hint;
    this.facts = facts ?? {};
  }
}

/** False while the server cannot be reached. */
export const connected = signal(true);

const LOST = { kind: 'Unreachable', message: 'PIVO does not answer', hint: 'It is tried again by itself. Is PIVO running? See `pivo status`.' };

export type Query = Record<string, string | number | boolean | undefined>;

/** The address of a REST resource: path pieces are encoded. */
export function resource(pieces: readonly string[], query: Query = {}): string {
  const search = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, String(value)]])));
  return `/api/v1/${pieces.map((piece) => encodeURIComponent(piece)).join('/')}${search.size === 0 ? '' : `?${search.toString()}`}`;
}

/** The response of one request. Fails with an ApiFailure, and with the signal's reason. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token.peek() !== null) headers.set('authorization', `Bearer ${token.peek()}`);
  const response = await fetch(path, { ...init, headers, credentials: 'omit', cache: 'no-store' }).catch((error: unknown) => {
    if (init.signal?.aborted === true) throw error;
    connected.value = false;
    throw new ApiFailure(0, LOST);
  });
  connected.value = true;
  if (response.ok) return response;
  const failure = await failureOf(response);
  if (response.status === 401) access.value = 'refused';
  throw failure;
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const problem = (await response.json().catch(() => ({}))) as { kind?: string; title?: string; detail?: string; message?: string; hint?: string; facts?: Record<string, unknown> };
  const message = problem.detail ?? problem.message ?? problem.title ?? `the server answered ${response.status}`;
  return new ApiFailure(response.status, { kind: problem.kind ?? 'Internal', message, ...(problem.hint === undefined ? {} : { hint: problem.hint }), ...(problem.facts === undefined ? {} : { facts: problem.facts }) });
}

export async function get<T>(pieces: readonly string[], query: Query = {}, signal?: AbortSignal): Promise<T> {
  const response = await send(resource(pieces, query), { ...(signal === undefined ? {} : { signal }), headers: { accept: 'application/json' } });
  return (await response.json()) as T;
}

export async function post<T>(pieces: readonly string[], body: object = {}, signal?: AbortSignal): Promise<T> {
  const response = await send(resource(pieces), { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', accept: 'application/json' }, ...(signal === undefined ? {} : { signal }) });
  return (await response.json()) as T;
}

export async function remove<T>(pieces: readonly string[], query: Query = {}): Promise<T> {
  return (await (await send(resource(pieces, query), { method: 'DELETE', headers: { accept: 'application/json' } })).json()) as T;
}
