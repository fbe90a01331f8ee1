// Reads a secret from stdin: piped as it is, typed without an echo.
import { PivoError } from '../../contract/failures.ts';

/** The secret without its last newline. Fails with InvalidInput when it is empty, with Cancelled at Ctrl-C. */
export async function readSecret(prompt: string, signal: AbortSignal): Promise<string> {
  const text = process.stdin.isTTY ? await typed(prompt, signal) : await piped();
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new PivoError('InvalidInput', 'the secret is empty', { hint: 'Pipe it in, e.g. `pivo credential add NAME < file`, or type it when asked.' });
  return secret;
}

async function piped(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const ENTER = ['\r', '\n', '\u0004'];
const INTERRUPT = '\u0003';
const ERASE = ['\u007F', '\b'];

/** One line, in raw mode: a key of several lines is piped instead. */
function typed(prompt: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(`${prompt} (not shown): `);
  process.stdin.setRawMode(true).setEncoding('utf8').resume();
  return new Promise<string>((resolve, reject) => {
    let text = '';
    const cancel = (): void => reject(new PivoError('Cancelled', 'cancelled'));
    signal.addEventListener('abort', cancel, { once: true });
    process.stdin.on('data', (keys: string) => {
      for (const key of keys) {
        if (key === INTERRUPT) return cancel();
        if (ENTER.includes(key)) return resolve(text);
        text = ERASE.includes(key) ? text.slice(0, -1) : text + key;
      }
    });
  }).finally(() => {
    process.stdin.setRawMode(false).pause().removeAllListeners('data');
    process.stderr.write('\n');
  });
}
