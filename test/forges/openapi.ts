// GitHub's published OpenAPI description as the referee of the fake GitHub: taken from npm once, cut down to the routes that are used.
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Answer, Asked } from './fake-forge.ts';

const run = promisify(execFile);

/** 29 MB, of which one file is taken; too large to be installed with everything else. */
const PACKAGE = '@octokit/openapi@23.0.2';
const MEMBER = 'package/generated/api.github.com.json';

const ROUTES = [
  '/repos/{owner}/{repo}', '/repos/{owner}/{repo}/contents/{path}', '/repos/{owner}/{repo}/git/ref/{ref}', '/repos/{owner}/{repo}/git/refs', '/repos/{owner}/{repo}/git/refs/{ref}',
  '/repos/{owner}/{repo}/git/commits', '/repos/{owner}/{repo}/git/commits/{commit_sha}', '/repos/{owner}/{repo}/git/trees', '/repos/{owner}/{repo}/git/trees/{tree_sha}', '/repos/{owner}/{repo}/pulls',
  '/repos/{owner}/{repo}/actions/runs', '/repos/{owner}/{repo}/actions/runs/{run_id}/jobs', '/repos/{owner}/{repo}/actions/jobs/{job_id}/logs', '/repos/{owner}/{repo}/actions/secrets',
  '/repos/{owner}/{repo}/labels', '/repos/{owner}/{repo}/milestones', '/repos/{owner}/{repo}/issues', '/repos/{owner}/{repo}/issues/comments', '/repos/{owner}/{repo}/pulls/{pull_number}/reviews', '/repos/{owner}/{repo}/pulls/comments',
  '/repos/{owner}/{repo}/releases', '/repos/{owner}/{repo}/releases/assets/{asset_id}',
  '/users/{username}', '/user', '/orgs/{org}/repos', '/users/{username}/repos', '/user/repos',
];

interface Schema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  format?: string;
}

type Body = { content?: Record<string, { schema?: Schema }> };

interface Described {
  parameters?: { $ref?: string; name?: string; in?: string; required?: boolean }[];
  requestBody?: Body;
  responses: Record<string, Body & { $ref?: string }>;
}

interface Description {
  paths: Record<string, Record<string, Described>>;
  components: Record<string, Record<string, unknown>>;
}

/** What GitHub answers to anything, described or not. */
const ALWAYS = new Set([401, 403, 404, 429, 500, 502, 503]);

export type Referee = (asked: Asked, answer: Answer) => { answer: Answer; wrong: string[] };

/** The referee; null where the registry does not give the description. */
export async function githubReferee(): Promise<Referee | null> {
  const description = await described().catch(() => null);
  return description === null ? null : refereeOf(description);
}

async function described(): Promise<Description> {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'pivo', 'openapi');
  const file = join(folder, `github-23.0.2-${createHash('sha256').update(ROUTES.join()).digest('hex').slice(0, 12)}.json`);
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return JSON.parse(kept) as Description;
  const extract = extractOf(JSON.parse(await published()) as Description);
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.${process.pid}`, JSON.stringify(extract));
  await rename(`${file}.${process.pid}`, file);
  return extract;
}

async function published(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-openapi-'));
  try {
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder, PACKAGE], { cwd: folder });
    await run('tar', ['-xzf', join(folder, stdout.trim().split('\n').at(-1) ?? ''), '-C', folder, MEMBER]);
    return await readFile(join(folder, MEMBER), 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
}

const SENTENCES = new Set(['description', 'example', 'examples', 'title', 'externalDocs', 'x-github', 'summary', 'default', 'tags']);

/** Shapes without their prose. */
function shapeOf(value: unknown, of = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => shapeOf(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, each]) => (of !== 'properties' && SENTENCES.has(name) ? [] : [[name, shapeOf(each, name)]])));
}

/** The routes that are used, and what they refer to. */
function extractOf(whole: Description): Description {
  const part: Description = { paths: {}, components: {} };
  const follow = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { $ref } = value as Schema;
    const [, , kind = '', name = ''] = typeof $ref === 'string' ? $ref.split('/') : [];
    if (name !== '' && part.components[kind]?.[name] === undefined) {
      const shape = shapeOf(whole.components[kind]?.[name]);
      (part.components[kind] ??= {})[name] = shape;
      follow(shape);
    }
    for (const each of Object.values(value)) follow(each);
  };
  for (const route of ROUTES) {
    part.paths[route] = shapeOf(whole.paths[route]) as Description['paths'][string];
    follow(part.paths[route]);
  }
  return part;
}

/** zod's form of references. */
const relocated = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('#/components/schemas/', '#/definitions/')) as T;

function refereeOf({ paths, components }: Description): Referee {
  const definitions = relocated(components['schemas'] ?? {}) as Record<string, Schema>;
  const compiled = new Map<string, z.ZodType>();
  const check = (name: string, schema: Schema, value: unknown): string[] => {
    const type = compiled.get(name) ?? z.fromJSONSchema({ ...relocated(schema), definitions } as unknown as Parameters<typeof z.fromJSONSchema>[0], { defaultTarget: 'openapi-3.0' });
    compiled.set(name, type);
    const parsed = type.safeParse(value);
    return parsed.success ? [] : parsed.error.issues.slice(0, 3).map(({ path, message }) => `${name}: ${path.join('.')}: ${message}`);
  };
  const resolved = <T extends { $ref?: string }>(value: T): T => {
    const [, , kind = '', name = ''] = value.$ref?.split('/') ?? [];
    return name === '' ? value : (components[kind]?.[name] as T);
  };
  return (asked, answer) => {
    const [method = '', template = ''] = asked.route.split(' ');
    const operation = paths[template]?.[method.toLowerCase()];
    const response = operation?.responses[answer.status];
    if (operation === undefined || response === undefined) return { answer, wrong: ALWAYS.has(answer.status) ? [] : [`${asked.route}: no answer ${answer.status} is described`] };
    const queries = new Set((operation.parameters ?? []).map((each) => resolved(each).name));
    const wrong = [...asked.query.keys()].filter((name) => !queries.has(name)).map((name) => `${asked.route}: no parameter ${name}`);
    const request = operation.requestBody?.content?.['application/json']?.schema;
    if (request !== undefined) {
      wrong.push(...check(`${asked.route} request`, request, asked.body));
      wrong.push(...Object.keys(asked.body as object).filter((name) => !(name in (request.properties ?? {}))).map((name) => `${asked.route} request: no field ${name}`));
    }
    const schema = resolved(response).content?.['application/json']?.schema;
    if (schema === undefined) return { answer, wrong };
    const body = answer.status < 300 ? completed(relocated(schema), answer.body, definitions) : answer.body;
    return { answer: { ...answer, body }, wrong: [...wrong, ...check(`${asked.route} ${answer.status}`, schema, body)] };
  };
}

/** The value with what the schema requires and the fake does not care about: addresses, counts, names. */
function completed(schema: Schema, value: unknown, definitions: Record<string, Schema>): unknown {
  const meant = schema.$ref === undefined ? schema : { ...definitions[schema.$ref.replace('#/definitions/', '')] };
  if (meant.oneOf !== undefined && value !== undefined) return completed(fitting(meant.oneOf, value, definitions), value, definitions);
  if (value === undefined) return sample(meant, definitions);
  if (Array.isArray(value)) return value.map((each) => completed(meant.items ?? {}, each, definitions));
  if (typeof value !== 'object' || value === null || meant.properties === undefined) return value;
  const known = value as Record<string, unknown>;
  const names = new Set([...Object.keys(known), ...(meant.required ?? [])]);
  return Object.fromEntries([...names].map((name) => [name, completed(meant.properties?.[name] ?? {}, known[name], definitions)]));
}

/** Of several shapes: the list for a list, else the one whose `type` can be the value's. */
function fitting(shapes: readonly Schema[], value: unknown, definitions: Record<string, Schema>): Schema {
  const whole = shapes.map((each) => (each.$ref === undefined ? each : (definitions[each.$ref.replace('#/definitions/', '')] ?? {})));
  const type = (value as { type?: unknown } | null)?.type;
  return whole.find((each) => (each.type === 'array') === Array.isArray(value) && (each.properties?.['type']?.enum === undefined || each.properties['type'].enum.includes(type))) ?? {};
}

function sample(schema: Schema, definitions: Record<string, Schema>): unknown {
  if (schema.nullable === true) return null;
  if (schema.enum !== undefined) return schema.enum[0];
  const first = schema.oneOf?.[0] ?? schema.anyOf?.[0] ?? schema.allOf?.[0];
  if (schema.type === undefined && first !== undefined) return completed(first, undefined, definitions);
  if (schema.type === 'array') return [];
  if (schema.type === 'integer' || schema.type === 'number') return 0;
  if (schema.type === 'boolean') return false;
  if (schema.type === 'object' || schema.properties !== undefined) return completed({ ...schema, type: 'object' }, {}, definitions);
  if (schema.format === 'date-time') return '2026-11-01T00:00:00Z';
  return schema.format === 'uri' ? 'https://api.github.com/x' : 'x';
}
