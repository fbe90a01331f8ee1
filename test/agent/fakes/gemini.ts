// Gemini's v1beta API on loopback: every request and every answer is checked against Google's published protos.
import { violations } from './proto.ts';
import { startFake, type FakeProvider, type Reply } from './server.ts';

const PATH = /^\/v1beta\/models\/([\w.-]+):(streamGenerateContent\?alt=sse|generateContent)$/;

export function startGemini(): Promise<FakeProvider> {
  return startFake({
    request({ path, headers, body }) {
      const model = PATH.exec(path)?.[1];
      const address = model === undefined ? [`no call of v1beta: ${path}`] : [];
      const key = typeof headers['x-goog-api-key'] === 'string' ? [] : ['the key is not in its header'];
      return [...address, ...key, ...violations('GenerateContentRequest', { model: `models/${model}`, ...(body as object) })]; // the model's name is in the path
    },
    reply: (reply) => ('events' in reply ? reply.events.filter((event) => !Object.hasOwn(event as object, 'error')).flatMap((event) => violations('GenerateContentResponse', event)) : []),
    last: '',
  });
}

/** An answer in pieces: the parts of each, and why it ended. */
export function geminiAnswer(pieces: Record<string, unknown>[][], finishReason = 'STOP'): Reply {
  return {
    events: pieces.map((parts, at) => ({
      candidates: [{ content: { role: 'model', parts }, index: 0, ...(at === pieces.length - 1 ? { finishReason } : {}) }],
      usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 10 * (at + 1), thoughtsTokenCount: 5, totalTokenCount: 105 + 10 * (at + 1) },
      modelVersion: 'gemini-test-001',
      responseId: 'response-1',
    })),
  };
}

/** An error as Google's APIs tell it. */
export function geminiError(code: number, status: string, message: string, details: unknown[] = [], headers: Record<string, string> = {}): Reply {
  return { status: code, body: { error: { code, message, status, details } }, headers };
}
