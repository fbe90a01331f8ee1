// A running PIVO for the time of one bench.
import { join } from 'node:path';
import { startPivo, type Pivo } from '../test/harness/pivo.ts';

/** Starts the stack of a fresh home below `scratch`, lets `use` work with it, ends and removes it; `settings` go into its environment. */
export async function withPivo<T>(scratch: string, use: (pivo: Pivo) => Promise<T>, settings: Record<string, string> = {}): Promise<T> {
  const pivo = await startPivo(join(scratch, 'home'), settings);
  try {
    return await use(pivo);
  } finally {
    await pivo.close();
  }
}
