// The REST interface against its own description: valid OpenAPI, and answers as it says to whatever schemathesis sends.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openApi } from '../../apps/server/rest/openapi.ts';
import { ROUTES } from '../../apps/server/rest/routes.ts';
import { PivoError } from '../../contract/failures.ts';
import type { Log } from '../../contract/log.ts';
import { loadOperation } from '../../operations/index.ts';
import { readerOf } from '../../operations/query.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { hasPython, schemathesis } from '../harness/python-tools.ts';
import { openBackedUp, type BackedUp } from '../reading/backed-up.ts';
import { fillLargeIndex } from './large-index.ts';
import { bearer, send, serve, type Served } from './served.ts';

let archive: BackedUp;
let server: Served;
const unexpected: unknown[] = [];
const log: Log = { debug() {}, info() {}, warn() {}, error: (...what: unknown[]) => void unexpected.push(what), child: () => log };

beforeAll(async () => {
  archive = await openBackedUp();
  await archive.backUp('odd-names');
  const { deps, library, dir } = archive;
  const index = join(dir, 'pivo.db');
  fillLargeIndex(index, { repositories: 3, visits: 3, commits: 50 });
  const down = (): Promise<never> => Promise.reject(new PivoError('Unavailable', 'PIVO is not running'));
  const context: OperationContext = { store: deps.store, library, paths: { index, state: join(dir, 'state.db'), cache: join(dir, 'read-cache'), spool: join(dir, 'spool'), metadataSocket: join(dir, 'none'), credentials: join(dir, 'credentials'), logIndex: join(dir, 'logs.db') }, git: { protocols: ['https'] }, drill: { maxAge: 30 }, workerId: 'worker', agent: { origins: [], targets: [] }, log, caller: { user: 'nobody', via: 'cli', owner: false }, temporal: down, status: down };
  server = await serve({ context, log, limits: { burst: 1_000_000 } });
}, 60_000);
afterAll(async () => {
  await server.close();
  readerOf(join(archive.dir, 'pivo.db')).close();
  await archive.cleanUp();
});

it('the description is valid OpenAPI 3.1 and has every address whose operation is there', async () => {
  const served = JSON.parse((await send(`${server.url}/api/v1/openapi.json`)).text) as { openapi: string; paths: Record<string, Record<string, { operationId: string }>> };
  expect(await new Validator().validate(structuredClone(served))).toMatchObject({ valid: true });
  expect(served).toEqual(JSON.parse(JSON.stringify(await openApi(loadOperation))));
  const described = Object.entries(served.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { operationId }]) => ({ address: `${method.toUpperCase()} ${path}`, operationId })));
  const there = (await Promise.all(ROUTES.map(async (route) => ((await loadOperation(route.operation).catch(() => null)) === null ? [] : [`${route.method} /api/v1${route.path}`])))).flat();
  expect(described.map(({ address }) => address).sort()).toEqual(there.sort());
  expect(new Set(described.map(({ operationId }) => operationId)).size).toBe(described.length);
});

it('no address can be given what it sets itself, and none takes a secret', async () => {
  const text = (await send(`${server.url}/api/v1/openapi.json`)).text;
  expect(text).not.toMatch(/privateKey|"token":\{"type":"string"|approval"|requestedBy/);
});

it.skipIf(!(await hasPython()))('answers are as described, whatever is sent, and nothing fails unexpectedly', async () => {
  const { python, env } = await schemathesis();
  const args = ['-c', 'from schemathesis.cli import schemathesis; schemathesis()', 'run', `${server.url}/api/v1/openapi.json`, '--exclude-path', '/api/v1/logs/tail' /* it has no end */, '--header', `Authorization:${bearer('owner')['authorization']}`, '--seed', '20', '--max-examples', '15', '--phases', 'examples,coverage,fuzzing', '--checks', 'status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection,unsupported_method', '--request-timeout', '60', '--suppress-health-check', 'all', '--continue-on-failure', '--warnings', 'off'];
  const { code, stdout } = await promisify(execFile)(python, args, { env, cwd: archive.dir, maxBuffer: 2 ** 26 }).then((ended) => ({ code: 0, stdout: ended.stdout }), (error: { code: number; stdout: string }) => error);
  expect({ code, said: code === 0 ? '' : stdout.slice(-6_000) }).toEqual({ code: 0, said: '' });
  expect(unexpected).toEqual([]);
}, 600_000);
