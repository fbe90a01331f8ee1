// Embedding services on loopback: OpenAI's protocol by a strict schema of what is sent, Gemini's by Google's published protos.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { hashedVector } from '../../logs/vectors/hashed/embedder.ts';
import { violations } from '../agent/fakes/proto.ts';

export interface EmbeddingServer {
  url: string;
  /** Texts of each call, in order. */
  calls: string[][];
  /** What was wrong with requests; a test ends with none. */
  wrong: string[];
  keys: (string | undefined)[];
  /** Status of the calls that come; 200: they are answered. */
  status: number;
  /** Awaited before each answer. */
  before: () => Promise<void>;
  close(): Promise<void>;
}

/** Source: https://platform.openai.com/docs/api-reference/embeddings/create */
const OpenaiRequest = z.strictObject({ model: z.string().min(1), input: z.array(z.string().min(1)).min(1).max(2_048), encoding_format: z.literal('float'), dimensions: z.number().int().positive().optional() });
const GEMINI_PATH = /^\/v1beta\/models\/([\w.-]+):batchEmbedContents$/;

/** `dimensions`: of the vectors that it makes, the beginnings of hashed ones. */
export async function startEmbeddings(dimensions = 64): Promise<EmbeddingServer> {
  const fake: Omit<EmbeddingServer, 'url' | 'close'> = { calls: [], wrong: [], keys: [], status: 200, before: () => Promise.resolve() };
  const server = createServer((request, response) => void answer(request).then(({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))));
  async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const body = JSON.parse(await textOf(request)) as unknown;
    await fake.before();
    if (fake.status !== 200) return { status: fake.status, body: { error: { message: 'the key sesame is not welcome', code: fake.status } } };
    const model = GEMINI_PATH.exec(request.url ?? '')?.[1];
    return { status: 200, body: model === undefined ? openai(request, body) : gemini(request, model, body) };
  }
  function openai({ url, headers }: IncomingMessage, body: unknown): unknown {
    const found = OpenaiRequest.safeParse(body);
    if (url !== '/v1/embeddings') fake.wrong.push(`no call of the protocol: ${url}`);
    if (!found.success) fake.wrong.push(z.prettifyError(found.error));
    const texts = found.data?.input ?? [];
    fake.calls.push(texts);
    fake.keys.push(headers.authorization?.replace('Bearer ', ''));
    return { object: 'list', model: 'm', data: texts.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })).toReversed(), usage: { prompt_tokens: 1, total_tokens: 1 } };
  }
  function gemini({ headers }: IncomingMessage, model: string, body: unknown): unknown {
    fake.wrong.push(...violations('BatchEmbedContentsRequest', { model: `models/${model}`, ...(body as object) }));
    const texts = (body as { requests: { content: { parts: { text: string }[] } }[] }).requests.map(({ content }) => content.parts[0]?.text ?? '');
    fake.calls.push(texts);
    fake.keys.push(headers['x-goog-api-key'] as string | undefined);
    const reply = { embeddings: texts.map((text) => ({ values: vectorOf(text) })) };
    fake.wrong.push(...violations('BatchEmbedContentsResponse', reply));
    return reply;
  }
  const vectorOf = (text: string): number[] => Array.from(hashedVector(text).subarray(0, dimensions));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
