// A gate in front of HDFS: one request that fits a pattern waits there, while a test does what must happen at that moment.
import { startProxy, type Seen } from '../webhdfs/proxy.ts';

export interface HdfsGate {
  /** `webhdfs://…` of the gate. */
  url: string;
  /**
   * Resolves when a request waits whose line matches, e.g. `namenode RENAME /a/.tmp-1 to /a/b` or `datanode CREATE /a/.tmp-1`.
   * Only the next one that matches waits: those after it pass.
   */
  reached(line: RegExp): Promise<void>;
  /** Lets go what waits. */
  open(): void;
  close(): Promise<void>;
}

/** `webhdfs`: the URL of the NameNode. */
export async function hdfsGate(webhdfs: string): Promise<HdfsGate> {
  let wanted: { line: RegExp; caught: () => void } | null = null;
  let goOn = (): void => {};
  const hold = (request: Seen): Promise<void> => {
    if (wanted?.line.test(lineOf(request)) !== true) return Promise.resolve();
    const { caught } = wanted;
    wanted = null;
    return new Promise((resolve) => {
      goOn = resolve;
      caught();
    });
  };
  const proxy = await startProxy(webhdfs.replace('webhdfs://', ''), { hold });
  return {
    url: `webhdfs://${proxy.address}`,
    reached: (line) => new Promise((caught) => (wanted = { line, caught })),
    open: () => goOn(),
    close: () => proxy.close(),
  };
}

function lineOf({ at, operation, url }: Seen): string {
  const { pathname, searchParams } = new URL(url, 'http://namenode');
  const destination = searchParams.get('destination');
  return `${at} ${operation} ${decodeURIComponent(pathname.replace('/webhdfs/v1', ''))}${destination === null ? '' : ` to ${destination}`}`;
}
