// Operation `vault-status`: whether people are hidden, and how many the vault knows.
import { z } from 'zod';
import type { VaultStatus } from '../contract/vault.ts';
import { defineOperation } from './operation.ts';

export const vaultStatus = defineOperation({
  name: 'vault-status',
  description: 'Tells whether names and addresses are kept in the vault only, and how many people it knows; never who.',
  kind: 'reads',
  input: z.strictObject({}),
  async run({ vault }): Promise<VaultStatus> {
    if (vault === undefined) return { enabled: false, key: '', people: 0, erased: 0, tokens: 0, generation: 0 };
    return { enabled: true, key: vault.key, ...(await vault.open()).vault.counts() };
  },
});
