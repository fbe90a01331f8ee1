// Opens the vault of a home with what the parts of PIVO ask of it.
import { hiding, type People } from './people.ts';
import type { VaultSettings } from './settings.ts';
import { openVault, type Vault } from './vault.ts';

export interface OpenVault {
  vault: Vault;
  people: People;
}

/** The vault at `path` where it is on, else undefined. Fails as `openVault` does. */
export function openVaultOf(path: string, { enabled, key }: VaultSettings): OpenVault | undefined {
  if (!enabled) return undefined;
  const vault = openVault(path, key);
  return { vault, people: hiding(vault) };
}
