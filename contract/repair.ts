// What a repair is asked and what it did.
import { z } from 'zod';
import { CredentialName } from './ingest.ts';
import { RepositoryName } from './names.ts';

export const RepairInput = z.strictObject({
  repository: RepositoryName,
  /** For the origin, where objects have to be fetched again. */
  credential: CredentialName.optional(),
});
export type RepairInput = z.input<typeof RepairInput>;
export type RepairRequest = z.output<typeof RepairInput>;

export interface RepairJob {
  request: RepairRequest;
  workflow: { id: string; runId: string };
}

export interface RepairResult {
  repository: string;
  /** The repair visit; null where nothing had to be repaired, or nothing could be. */
  visit: number | null;
  repaired: { pack: string; by: string[]; objects: number; from: 'archive' | 'origin' }[];
  /** Packs that stay damaged, and the objects that are nowhere to be found (the first hundred). */
  lost: { pack: string; missing: number; objects: string[] }[];
}
