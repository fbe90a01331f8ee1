// Webhooks: requests a second and their latency on loopback beside a bare route that checks the HMAC, and the seconds from a push to its visit.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { PushesView } from '../contract/push.ts';
import { linearHistory } from '../test/fixtures/generate.ts';
import { startPivo } from '../test/harness/pivo.ts';
import { SECRET, fromGitea, fromGithub, hubPush, type Delivery } from '../test/webhooks/deliveries.ts';
import { median, timed, type Bench, type Row } from './bench.ts';

const REQUESTS = 10_000;
/** Of the client, each with one request at a time. */
const CONNECTIONS = 64;
/** Arrivals a second where latency is measured. */
const RATE = 1_000;
const WARM = 2_000;
const PUSHES = 5;
const LONGEST_WAIT = 120_000;

export const webhooksBench: Bench = {
  name: 'webhooks',
  title: `Webhooks: ${REQUESTS} deliveries of one push of 8 KB over ${CONNECTIONS} connections, and again at ${RATE} a second; ${PUSHES} pushes to as many repositories, one after the other, with the default settings`,
  async run({ scratch }) {
    const home = join(scratch, 'webhooks');
    await mkdir(home);
    await writeFile(join(home, 'secret'), SECRET, { mode: 0o600 });
    await writeFile(join(home, 'config.toml'), `[[webhooks]]\nname = "many"\nforge = "github"\nsecretFile = "${join(home, 'secret')}"\n\n[[webhooks]]\nname = "forge"\nforge = "gitea"\nsecretFile = "${join(home, 'secret')}"\norigins = ["${join(scratch, 'forge')}/"]\n`);
    const pivo = await startPivo(home, { PIVO_LISTEN: '127.0.0.1:0' });
    try {
      const { url } = await pivo.json<{ url: string }>('console');
      const toVisit = await pushesToVisits(url, join(scratch, 'forge'));
      const own = await load(`${url}/api/v1/webhooks/many`);
      const bare = await loadOfBare();
      return [...rowsOf(own, bare), { what: 'from a push to its visit', unit: 's', pivo: toVisit, allowed: 60 }];
    } finally {
      await pivo.close();
    }
  },
};

interface Load {
  perSecond: number;
  /** Milliseconds at `RATE`. */
  p50: number;
  p99: number;
}

const rowsOf = (own: Load, bare: Load): Row[] => [
  { what: 'deliveries as fast as they are answered', unit: 'per second', pivo: own.perSecond, beside: { name: 'bare HMAC route', value: bare.perSecond }, allowed: 1_000 },
  { what: `p50 at ${RATE} a second`, unit: 'ms', pivo: own.p50, beside: { name: 'bare HMAC route', value: bare.p50 } },
  { what: `p99 at ${RATE} a second`, unit: 'ms', pivo: own.p99, beside: { name: 'bare HMAC route', value: bare.p99 }, allowed: 50 },
];

async function loadOfBare(): Promise<Load> {
  const child = fork(fileURLToPath(new URL('./webhooks-bare.ts', import.meta.url)), [SECRET]);
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return await load(`http://127.0.0.1:${port}/hook`);
  } finally {
    child.disconnect();
  }
}

async function load(url: string): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const delivery = fromGithub({ ...hubPush('bench/repository'), padding: 'x'.repeat(7_000) });
  const post = (): Promise<number> => send(agent, url, delivery);
  await inTurns(WARM, post);
  const { seconds } = await timed(() => inTurns(REQUESTS, post));
  const times = await atRate(post);
  agent.destroy();
  const sorted = times.toSorted((a, b) => a - b);
  return { perSecond: REQUESTS / seconds, p50: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN, p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN };
}

/** Sends one delivery under a name of its own; its milliseconds. Fails when it is not accepted. */
function send(agent: Agent, url: string, { headers, body }: Delivery): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers: { ...headers, 'x-github-delivery': randomUUID(), 'content-length': Buffer.byteLength(body) } }, (answer) => {
      answer.resume().once('end', () => (answer.statusCode === 202 ? resolve(performance.now() - began) : reject(new Error(`answered ${answer.statusCode}`))));
    });
    asked.once('error', reject).end(body);
  });
}

async function inTurns(count: number, post: () => Promise<number>): Promise<void> {
  let left = count;
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    while (left-- > 0) await post();
  }));
}

/** A request is sent when it is due, whether the ones before it were answered or not; its time counts from then. */
async function atRate(post: () => Promise<number>): Promise<number[]> {
  const began = performance.now();
  const answers: Promise<number>[] = [];
  for (let sent = 0; sent < REQUESTS; ) {
    const due = Math.min(REQUESTS, Math.floor(((performance.now() - began) / 1_000) * RATE));
    for (; sent < due; sent++) answers.push(post());
    await delay(1);
  }
  return Promise.all(answers);
}

/** Seconds from the webhook's request to the end of the backup that it started, the median. */
async function pushesToVisits(url: string, forge: string): Promise<number> {
  const seconds: number[] = [];
  for (let at = 0; at < PUSHES; at++) {
    const name = `pushed-${at}`;
    const origin = join(forge, 'owner', `${name}.git`);
    await mkdir(join(forge, 'owner'), { recursive: true });
    await linearHistory(origin, { commits: 100, files: 10, seed: at });
    const { headers, body } = fromGitea(hubPush(`owner/${name}`, pathToFileURL(origin).href));
    seconds.push((await timed(async () => {
      await (await fetch(`${url}/api/v1/webhooks/forge`, { method: 'POST', headers, body })).text();
      await until(async () => (await pushesOf(url)).done.some(({ repository }) => repository === name));
    })).seconds);
  }
  return median(seconds);
}

const pushesOf = async (url: string): Promise<PushesView> => (await (await fetch(`${url}/api/v1/pushes`)).json()) as PushesView;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const began = performance.now(); !(await isSo()); await delay(100)) if (performance.now() - began > LONGEST_WAIT) throw new Error('a push was not backed up in two minutes');
}
