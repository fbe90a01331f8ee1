// Operation `vault-rotate`: new tokens for one person or for all, or a new master key.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { PersonToken } from '../contract/vault.ts';
import { defineOperation } from './operation.ts';
import { tellAudit, vaultOfOperator } from './vault-door.ts';

export interface Rotated {
  what: 'tokens' | 'key';
  /** How many people have a new token, or a newly sealed key. */
  people: number;
  /** The new token, where it was about one person. */
  person: string | null;
}

export const vaultRotate = defineOperation({
  name: 'vault-rotate',
  description: 'Gives one person or everybody a new token (older ones lead to them still), or seals the vault by a new master key; for operators.',
  kind: 'decides',
  input: z.strictObject({
    /** `key`: the master key. */
    what: z.enum(['tokens', 'key']).default('tokens'),
    /** One person; without it, everybody. */
    person: PersonToken.optional(),
  }),
  async run(context, { what, person }): Promise<Rotated> {
    const { vault } = await (await vaultOfOperator(context, 'rotate')).open();
    if (what === 'key' && person !== undefined) throw new PivoError('InvalidInput', 'a master key is not one person\'s', { hint: 'Leave the token out.' });
    const behind = person === undefined ? undefined : vault.behind(person);
    if (behind === null) throw new PivoError('NotFound', `${person} is no token of this vault`);
    await context.temporal(); // what cannot be told is not done
    const people = what === 'key' ? vault.rotateKey() : vault.rotate(behind?.first ?? null);
    const now = person === undefined ? null : vault.current(person);
    await tellAudit(context, { act: 'rotate', outcome: 'done', facts: { what, people, ...(person === undefined ? {} : { before: person, after: now }) } });
    return { what, people, person: now };
  },
});
