// One trace from a command or an HTTP request through workflows to their acts, at a collector that is a stand-in; nothing of it where it is off.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { json } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../fixtures/generate.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { send } from './served.ts';

interface Span {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
}

/** The part of ExportTraceServiceRequest (opentelemetry-proto, OTLP/HTTP with JSON) that a test looks at. */
interface Export {
  resourceSpans: { resource: { attributes: { key: string; value: { stringValue?: string } }[] }; scopeSpans: { spans: Omit<Span, 'service'>[] }[] }[];
}

const spans: Span[] = [];

async function startCollector(): Promise<Server> {
  const server = createServer((request, response) => {
    void json(request).then((sent) => {
      if (request.url === '/v1/traces') spans.push(...spansOf(sent as Export));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

function spansOf({ resourceSpans }: Export): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
    return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service })));
  });
}

let dir: string;
let collector: Server;
let pivo: Pivo;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pv-'));
  collector = await startCollector();
  pivo = await startPivo(join(dir, 'h'), { PIVO_LISTEN: '127.0.0.1:0', OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/` });
  await fixture('force-push').build(join(dir, 'origin.git'));
}, 180_000);
afterAll(async () => {
  await pivo.close();
  collector.close();
  await rm(dir, { recursive: true, force: true });
});

const LISTING = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
for (const entry of process.argv.slice(1)) await import(entry);
process.stdout.write(JSON.stringify(loaded), () => process.exit());
`;

/** The modules that a process has loaded when it has imported these files of ours. */
async function modulesOf(files: readonly string[]): Promise<string[]> {
  const entries = files.map((file) => new URL(`../../${file}`, import.meta.url).href);
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', LISTING, ...entries], { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout) as string[];
}

/** From a span up to the first of its trace. */
function pathTo(span: Span | undefined, trace: readonly Span[]): string[] {
  return span === undefined ? [] : [...pathTo(trace.find(({ spanId }) => spanId === span.parentSpanId), trace), `${span.service} ${span.name}`];
}

/** Each span of the trace that has a span of that name, with all above it. */
function pathsOf(name: string): string[] {
  const trace = spans.filter(({ traceId }) => spans.some((span) => span.name === name && span.traceId === traceId));
  return trace.map((span) => pathTo(span, trace).join(' > '));
}

describe('one trace', () => {
  it('goes from a command through the server and the workflow to each act', async () => {
    await pivo.text('ingest', join(dir, 'origin.git'), '--name', 'site');
    const run = 'pivo-cli pivo ingest > pivo-server POST /operations/ingest > pivo-server StartWorkflow:ingest > pivo-worker RunWorkflow:ingest';
    const acts = ['claimRepository', 'fetchOrigin', 'putPacks', 'putVisit', 'emitVisit'].map((act) => `${run} > pivo-worker StartActivity:${act} > pivo-worker RunActivity:${act}`);
    await expect.poll(() => pathsOf('pivo ingest')).toEqual(expect.arrayContaining([run, ...acts]));
    expect(pathsOf('pivo ingest').every((path) => path.startsWith('pivo-cli pivo ingest'))).toBe(true);
  });

  it('goes on with the trace of who asks over HTTP, and has nothing of the query', async () => {
    const { url } = await pivo.json<{ url: string }>('console');
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const headers = { 'content-type': 'application/json', traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    await send(`${url}/api/v1/restores`, { method: 'POST', headers, body: JSON.stringify({ repository: 'site', target: join(dir, 'restored.git') }) });
    await send(`${url}/api/v1/repositories/site/commits?text=canary`, { headers });
    const told = ['pivo-server POST /api/v1/restores > pivo-server StartWorkflow:restore', 'pivo-worker StartActivity:planRestore > pivo-worker RunActivity:planRestore', 'pivo-server GET /api/v1/repositories/site/commits'];
    await expect.poll(() => pathsOf('POST /api/v1/restores')).toEqual(expect.arrayContaining(told)); // the workflow's own span ends with it: it waits for a person
    expect(spans.filter(({ name }) => name.endsWith('/restores') || name.endsWith('/commits')).map((span) => span.traceId)).toEqual([traceId, traceId]);
    expect(JSON.stringify(spans)).not.toContain('canary');
  });
});

describe('where no collector is named', () => {
  it('nothing of OpenTelemetry is loaded by what the server, a worker and a command begin with', async () => {
    const loaded = await modulesOf(['apps/server/web.ts', 'workers/temporal.ts', 'agent/worker.ts', 'apps/cli/program.ts', 'operations/context.ts']);
    expect(loaded.length).toBeGreaterThan(100);
    expect(loaded.filter((path) => /interceptors-opentelemetry|@opentelemetry\/(?!api)/.test(path))).toEqual([]);
  });
});
