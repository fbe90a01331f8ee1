// Entry of a child process: appends frames to the spool at argv[2], argv[3] at once and each with argv[4] bytes of text, and says what became of each.
import { isPivoError } from '../../contract/failures.ts';
import { openSpool } from '../../spool/folders.ts';
import { openSpoolWriter } from '../../spool/writer.ts';
import { eventFrame } from './frames.ts';

const [root = '', together = '', size = ''] = process.argv.slice(2);
const writer = openSpoolWriter(openSpool(root), 'event', { windowMs: 1, maxFrames: 100 });
const words = 'x'.repeat(Number(size));

async function append(number: number): Promise<void> {
  const frame = eventFrame(number);
  const end = await writer.append({ ...frame, payload: { ...frame.payload, text: words } }).then(() => 'durable', (error: unknown) => (isPivoError(error) ? error.kind : String(error)));
  process.stdout.write(`${frame.id} ${end}\n`);
}

for (let number = 0; number < 100_000; number += Number(together)) await Promise.all(Array.from({ length: Number(together) }, (_, i) => append(number + i)));
