// A running PIVO for the time of one bench.
import { join } from 'node:path';
import { startPivo, type Pivo } from '../test/harness/pivo.ts';

/** Starts the stack of a fresh home below `scratch`, lets `use` work with it, ends and removes it. */
export async function withPivo<T>(scratch: string, use: (pivo: Pivo) => Promise<T>): Promise<T> {
  const pivo = await startPivo(join(scratch, 'home'));
  try {
    return await use(pivo);
  } finally {
    await pivo.close();
  }
}
