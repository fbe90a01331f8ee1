// What the acts of a migration need of their worker.
import { PivoError } from '../../contract/failures.ts';
import type { OpenVault } from '../../vault/open.ts';
import { renewTokens } from '../../vault/people.ts';
import type { ActivityDeps } from '../act.ts';

/** Fails with NotFound where the vault is off. */
export function vaultIn({ vault }: ActivityDeps): OpenVault {
  if (vault !== undefined) return vault;
  throw new PivoError('NotFound', 'the vault of this worker\'s home is off', { hint: 'Set `enabled = true` in `[vault]` of config.toml and start PIVO again.' });
}

/** A text as it may be stored now: tokens for people, and those of now for older ones. */
export const hiddenNow = ({ vault, people }: OpenVault, text: string): string => renewTokens(vault, people.text(text));

export interface VaultCounts {
  people: number;
  erased: number;
}

/** How many people the vault knows. */
export async function countVault(deps: ActivityDeps): Promise<VaultCounts> {
  const { people, erased } = vaultIn(deps).vault.counts();
  return { people, erased };
}
