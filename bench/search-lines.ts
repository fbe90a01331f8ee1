// Log lines by the million: the judged corpus over and over, each time of another day, with other numbers and other names.
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { randomNumbers } from '../test/fixtures/random.ts';

export const CORPUS = join(import.meta.dirname, '../test/search/corpus');

const DAY = 86_400_000;
const NAMES = ['orders', 'invoices', 'payments', 'customers', 'shipments', 'returns', 'prices', 'stock', 'clicks', 'sessions', 'carts', 'refunds', 'leads', 'tickets', 'events', 'devices', 'meters', 'trips', 'claims', 'policies'];
const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy', 'mallory', 'niaj', 'olivia', 'peggy', 'rupert', 'sybil', 'trent', 'victor', 'wendy', 'zoe'];

/** Writes at least `lines` lines below `folder`; answers how many there are. */
export async function writeLines(folder: string, lines: number): Promise<number> {
  const files = (await readdir(CORPUS)).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(CORPUS, file), 'utf8')));
  let written = 0;
  for (let copy = 0; written < lines; copy++) {
    const at = join(folder, String(copy).padStart(4, '0'));
    await mkdir(at, { recursive: true });
    for (const [i, file] of files.entries()) {
      const text = copy === 0 ? (texts[i] ?? '') : varied(texts[i] ?? '', copy);
      const out = createWriteStream(join(at, file));
      out.end(text);
      await once(out, 'close');
      written += text.split('\n').length - 1;
    }
  }
  return written;
}

function varied(text: string, copy: number): string {
  const random = randomNumbers(copy);
  const day = new Date(Date.UTC(2026, 10, 21) - copy * DAY).toISOString().slice(0, 10);
  const short = day.slice(2).replaceAll('-', '/');
  return text
    .replaceAll('2026-11-21', day)
    .replaceAll('26/11/21', short)
    .replace(/\borders\b/g, NAMES[copy % NAMES.length] ?? '')
    .replace(/\b(?:alice|bob)\b/g, (name) => PEOPLE[(PEOPLE.indexOf(name) + copy) % PEOPLE.length] ?? name)
    .replace(/[1-9]\d{4,}/g, (digits) => digits.replace(/\d/g, () => String(1 + Math.floor(random() * 9))));
}
