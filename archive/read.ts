// Reads small archived files whole: JSON documents and the text files of a snapshot.
import type { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import type { Store } from './store.ts';

/** The bytes of a small file. Fails with NotFound. */
export async function readSmall(store: Store, path: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.open(path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A JSON document of the archive, checked. Fails with NotFound, or Damaged that names the file. */
export async function readJson<S extends z.ZodType>(store: Store, path: string, schema: S): Promise<z.output<S>> {
  return parseDocument(await readSmall(store, path), path, schema);
}

/** As `readJson`, for bytes that were read already. */
export function parseDocument<S extends z.ZodType>(bytes: Buffer, path: string, schema: S): z.output<S> {
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw new PivoError('Damaged', `${path} cannot be read: ${(error as Error).message.slice(0, 300)}`, { hint: 'Run `pivo verify` to see what else is damaged.', facts: { path }, cause: error });
  }
}
