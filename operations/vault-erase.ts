// Operation `vault-erase`: destroys what makes a person known; git's objects stay as they are.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { PersonToken } from '../contract/vault.ts';
import { identityOf } from '../vault/identity.ts';
import { defineOperation } from './operation.ts';
import { tellAudit, vaultOfOperator } from './vault-door.ts';

export interface Erased {
  /** The token that stays, and leads to nobody. */
  person: string;
  /** They were erased before. */
  already: boolean;
}

export const vaultErase = defineOperation({
  name: 'vault-erase',
  description: 'Erases a person, by their token or address: destroys the key of their name and address for good and keeps the token, so that no later backup brings them back. Packs and checkouts keep the original bytes. For operators.',
  kind: 'decides',
  input: z.strictObject({
    /** A token, an address, or the name of somebody without one. */
    who: z.string().trim().min(1).max(500),
  }),
  async run(context, { who }): Promise<Erased> {
    const { vault } = await (await vaultOfOperator(context, 'erase')).open();
    const token = PersonToken.safeParse(who).success;
    const first = token ? vault.behind(who)?.first : vault.firstOf(identityOf(who));
    if (first === undefined || first === '') throw new PivoError('NotFound', token ? `${who} is no token of this vault` : 'that is neither an address nor a name');
    await context.temporal(); // what cannot be told is not done
    const erased = vault.erase(first, new Date().toISOString(), context.caller.user);
    const person = vault.current(first);
    await tellAudit(context, { act: 'erase', outcome: 'done', facts: { people: [...new Set([first, person])] }, key: first });
    return { person, already: !erased };
  },
});
