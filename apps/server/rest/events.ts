// Server-sent events of one operation: its progress as it comes, then its result or failure.
import { publicReport } from '../problem.ts';
import type { Progress } from '../../../contract/ingest.ts';

/** Milliseconds between two signs of life where nothing else is said. */
const SIGN_OF_LIFE = 15_000;

/**
 * Runs an operation and tells it as events (WHATWG HTML, server-sent events): `progress` with each state as a whole, so that a client
 * that lost some lacks nothing, and at last `end` with `{"result":…}` or `{"failure":…}`. Comments keep the connection alive.
 */
export function eventStream(run: (onProgress: (progress: Progress) => void) => Promise<unknown>, onFailure: (error: unknown) => void, ended: () => void): Response {
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | undefined;
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    clearInterval(timer);
    ended();
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let id = 0;
      const write = (text: string): void => {
        if (open) controller.enqueue(encoder.encode(text));
      };
      const tell = (event: string, data: unknown): void => write(`id: ${++id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      write('retry: 1000\n\n');
      timer = setInterval(() => write(': alive\n\n'), SIGN_OF_LIFE);
      const finish = (data: object): void => {
        if (!open) return;
        tell('end', data);
        close();
        controller.close();
      };
      run((progress) => tell('progress', progress)).then(
        (result) => finish({ result: result ?? null }),
        (error: unknown) => {
          onFailure(error);
          finish({ failure: publicReport(error) });
        },
      );
    },
    cancel: close,
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' } });
}
