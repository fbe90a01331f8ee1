// The description of the REST interface (OpenAPI 3.1), made from the routes and the schemas of their operations.
import { readFileSync } from 'node:fs';
import type { Hono } from 'hono';
import { FAILURE_KINDS } from '../../../contract/failures.ts';
import type { Operation } from '../../../operations/operation.ts';
import { LEAST_ROLE } from '../access/roles.ts';
import { PROBLEM } from '../problem.ts';
import { LONGEST_VALUE, pathFields, schemaOf, type Schema } from './input.ts';
import { API, type WebEnvironment } from './mount.ts';
import { ROUTES, type Route } from './routes.ts';

/** Serves the description; made once. */
export function mountOpenApi(app: Hono<WebEnvironment>, load: (name: string) => Promise<Operation>): void {
  let made: Promise<object> | undefined;
  app.get(`${API}/openapi.json`, async (c) => {
    made ??= openApi(load);
    return c.json(await made);
  });
}

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string };

export async function openApi(load: (name: string) => Promise<Operation>): Promise<object> {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES) {
    const operation = await load(route.operation).catch(() => null); // a route may be there before its operation is
    if (operation !== null) (paths[`${API}${route.path}`] ??= {})[route.method.toLowerCase()] = describe(route, operation);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'PIVO', version, description: 'Backups of git repositories: what is there, as of any point; backups and restores; what waits for a person.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{}, { token: [] }],
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } }, schemas: { Problem: PROBLEM_SCHEMA } },
  };
}

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'RFC 9457, with PIVO\'s kind of failure and what to do next.',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    kind: { enum: Object.keys(FAILURE_KINDS) },
    hint: { type: 'string' },
    facts: { type: 'object' },
  },
  required: ['type', 'title', 'status', 'detail', 'kind'],
};

function describe(route: Route, operation: Operation): object {
  const schema = schemaOf(operation);
  const inPath = pathFields(route.path);
  const others = without(schema, [...inPath, ...Object.keys(route.given ?? {})]);
  const role = route.least ?? LEAST_ROLE[operation.kind];
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/[{}]/g, '').replaceAll(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [route.path.split('/')[1]],
    summary: operation.description,
    description: `Role: ${role}.`,
    parameters: [...inPath.map((name) => parameter('path', name, schema)), ...(route.method === 'POST' && route.bytes === undefined ? [] : Object.keys(others.properties ?? {}).map((name) => parameter('query', name, others)))],
    ...(route.method === 'POST' ? { requestBody: { required: (others.required ?? []).length > 0, content: { 'application/json': { schema: others }, ...Object.fromEntries((route.bytes ?? []).map((type) => [type, {}])) } } } : {}),
    responses: { [String(route.status ?? 200)]: { description: 'What the operation answers.', content: answerContent(route) }, default: { description: 'It was refused or failed.', content: { [PROBLEM]: { schema: { $ref: '#/components/schemas/Problem' } } } } },
  };
}

function parameter(place: 'path' | 'query', name: string, { properties, required }: Schema): object {
  return { in: place, name, required: place === 'path' || required?.includes(name) === true, schema: bounded(properties?.[name] ?? {}) };
}

/** What fits into a query. */
const bounded = (schema: Schema): Schema => (schema.type === 'string' && schema['enum'] === undefined ? { ...schema, maxLength: Math.min(LONGEST_VALUE, Number(schema['maxLength'] ?? LONGEST_VALUE)) } : schema);

function without({ properties = {}, required = [], ...rest }: Schema, fields: readonly string[]): Schema {
  const left = required.filter((name) => !fields.includes(name));
  return { ...rest, properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !fields.includes(name))), ...(left.length === 0 ? {} : { required: left }) };
}

function answerContent({ operation, events }: Route): object {
  if (operation === 'cat') return { 'application/octet-stream': {} };
  return events === true ? { 'text/event-stream': {} } : { 'application/json': {}, 'text/event-stream': {} };
}
