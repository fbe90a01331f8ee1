// Operations `vault-resolve` and `vault-find`: who is behind a token, and which token somebody has; both leave an audit record.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { PersonToken, type ResolvedPerson } from '../contract/vault.ts';
import { addressesOf, isOfTeam, roleFor, type Asker } from '../vault/access.ts';
import { identityOf } from '../vault/identity.ts';
import type { VaultRules } from '../vault/settings.ts';
import type { Vault } from '../vault/vault.ts';
import { defineOperation } from './operation.ts';
import { askerOf, tellAudit, vaultOf, vaultOfOperator } from './vault-door.ts';

/** Most tokens of one question. */
const MOST_TOKENS = 1_000;

export const vaultResolve = defineOperation({
  name: 'vault-resolve',
  description: 'Tells who is behind tokens, as far as whoever asks may know: themselves, the people of their team\'s repositories, or anybody for an operator. Each question is an audit record.',
  kind: 'decides',
  input: z.strictObject({ tokens: z.array(PersonToken).min(1).max(MOST_TOKENS) }),
  async run(context, { tokens }): Promise<{ people: ResolvedPerson[] }> {
    const door = vaultOf(context);
    const { vault } = await door.open();
    const asker = askerOf(context);
    const people = [...new Set(tokens)].map((token) => resolved(vault, token, asker, door.rules));
    const told = people.filter(({ state }) => state === 'known' || state === 'erased').map(({ person }) => person);
    const refused = people.filter(({ state }) => state === 'refused').map(({ person }) => person);
    if (refused.length > 0) await tellAudit(context, { act: 'resolve', outcome: 'refused', facts: { people: refused } });
    if (told.length > 0 || refused.length === 0) await tellAudit(context, { act: 'resolve', outcome: 'done', facts: { people: told, unknown: people.length - told.length - refused.length } });
    return { people };
  },
});

/** An erased person has no repositories any more: that they are erased is told to who asks for them by the token alone. */
function resolved(vault: Vault, person: string, asker: Asker, rules: VaultRules): ResolvedPerson {
  const behind = vault.behind(person);
  const self = behind !== null && addressesOf(asker, rules).some((own) => firstOf(vault, own) === behind.first);
  if (asker.machine) return { person, state: 'refused' };
  if (behind === null) return { person, state: 'unknown' };
  if (behind.state === 'erased') return { person, state: 'erased', at: behind.at, by: behind.by };
  const role = roleFor(asker, { self, repositories: behind.repositories }, rules);
  if (role === null) return { person, state: 'refused' };
  const repositories = role === 'team' ? behind.repositories.filter((repository) => isOfTeam(asker, repository, rules)) : behind.repositories;
  return { person, state: 'known', role, email: behind.held.email, names: behind.held.names, repositories };
}

/** An address, or a token where the configuration is to hold none. */
const firstOf = (vault: Vault, own: string): string | undefined => (PersonToken.safeParse(own).success ? vault.behind(own)?.first : vault.firstOf(identityOf(own)));

export interface FoundPeople {
  people: { person: string; known: boolean }[];
}

export const vaultFind = defineOperation({
  name: 'vault-find',
  description: 'Tells the token of an address, or the tokens of everybody with a name; for operators.',
  kind: 'decides',
  input: z.strictObject({ who: z.string().trim().min(1).max(500) }),
  async run(context, { who }): Promise<FoundPeople> {
    const { vault } = await (await vaultOfOperator(context, 'find')).open();
    const tokens = who.includes('@') ? [vault.tokenOf(identityOf(who))] : vault.named(who);
    if (tokens.length === 0) throw new PivoError('NotFound', 'nobody in the vault has such a name', { hint: 'Give an address, or a part of the name as it stands in commits.' });
    await tellAudit(context, { act: 'find', outcome: 'done', facts: { people: tokens.slice(0, MOST_TOKENS) } });
    return { people: tokens.map((person) => ({ person, known: vault.behind(person)?.state === 'known' })) };
  },
});
