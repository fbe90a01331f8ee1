// An operation's input from a request: each field from the path, the query or the body, by the operation's own schema.
import { z } from 'zod';
import { PivoError } from '../../../contract/failures.ts';
import { Refusal } from '../problem.ts';
import type { Operation } from '../../../operations/operation.ts';
import type { Route } from './routes.ts';

/** JSON Schema as far as it is looked at here. */
export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  items?: Schema;
  default?: unknown;
  [key: string]: unknown;
}

const schemas = new WeakMap<z.ZodType, Schema>();

/** The JSON Schema of what an operation takes. */
export function schemaOf({ input }: Pick<Operation, 'input'>): Schema {
  const known = schemas.get(input);
  if (known !== undefined) return known;
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' }) as Schema;
  delete schema['$schema'];
  schemas.set(input, schema);
  return schema;
}

/** The fields that a path names. */
export const pathFields = (path: string): string[] => [...path.matchAll(/\{([^}]+)\}/g)].map(([, field = '']) => field);

/** Text of a query as the schema wants it; what does not fit stays text, for the schema to refuse. */
function typed(schema: Schema | undefined, values: readonly string[]): unknown {
  if (schema?.type === 'array') return values.map((value) => typed(schema.items, [value]));
  if (values.length > 1) return values;
  const value = values[0] ?? '';
  const types = [schema?.type, ...(schema?.anyOf ?? []).map(({ type }) => type)];
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (types.includes('boolean') && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

/** The fields that a path names, as the schema wants them. */
export function fromPath(operation: Operation, values: Record<string, string>): Record<string, unknown> {
  const { properties } = schemaOf(operation);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typed(properties?.[name], [value])]));
}

/** Most characters of one value in a query: more do not fit into a request's head. */
export const LONGEST_VALUE = 4_096;

/** Fails with InvalidInput for a value that is too long. */
export function fromQuery(operation: Operation, query: URLSearchParams): Record<string, unknown> {
  const { properties } = schemaOf(operation);
  for (const [name, value] of query) if (value.length > LONGEST_VALUE) throw new PivoError('InvalidInput', `${name} has more than ${LONGEST_VALUE} characters`);
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, typed(properties?.[name], query.getAll(name))]));
}

/** Most bytes of a body. */
export const LARGEST_BODY = 1024 * 1024;

/** The object that a JSON body holds; nothing is an empty one. Fails with 415, 413 and InvalidInput. */
export async function fromBody(request: Request): Promise<Record<string, unknown>> {
  const bytes = await limited(request);
  if (bytes.length === 0) return {};
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Refusal(415, 'InvalidInput', `a body is application/json, not ${type ?? 'of no type'}`);
  const value = parse(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new PivoError('InvalidInput', 'the body is not a JSON object');
  return value as Record<string, unknown>;
}

/** The body of a route that reads bytes, where it is of one of the route's types; undefined for JSON and where there is none. */
export function bytesOf(request: Request, { bytes }: Pick<Route, 'bytes'>): AsyncIterable<Uint8Array> | undefined {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  return type === undefined || bytes?.includes(type) !== true || request.body === null ? undefined : request.body;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new PivoError('InvalidInput', `the body is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

async function limited(request: Request): Promise<Buffer> {
  const tooLarge = new Refusal(413, 'LimitExceeded', `the body is larger than ${LARGEST_BODY} bytes`, { headers: { connection: 'close' } });
  if (Number(request.headers.get('content-length') ?? 0) > LARGEST_BODY) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > LARGEST_BODY) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What the operation is run with, unchecked. Fails with InvalidInput where a field is given twice or is not to be given. */
export function joined(route: Route, path: Record<string, unknown>, rest: Record<string, unknown>): Record<string, unknown> {
  for (const field of Object.keys(rest)) {
    if (Object.hasOwn(path, field)) throw new PivoError('InvalidInput', `${field} is in the path already`);
    if (Object.hasOwn(route.given ?? {}, field)) throw new PivoError('InvalidInput', `${field} cannot be set here`);
  }
  return { ...rest, ...path, ...route.given };
}
