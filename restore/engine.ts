// Port RestoreEngine: makes what a plan names ready to push, from packs that were checked.
import type { Progress } from '../contract/ingest.ts';
import type { Reconstruction, RestorePlan } from '../contract/restore.ts';

export interface EngineRun {
  restoreId: string;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

export interface RestoreEngine {
  /**
   * Checks every pack of the plan against its visit and builds a bare repository with exactly the planned refs.
   * Called again, it finds its own work and goes on. Fails with Damaged that names pack and offset, or as Store does.
   */
  reconstruct(plan: RestorePlan, run: EngineRun): Promise<Reconstruction>;
}
