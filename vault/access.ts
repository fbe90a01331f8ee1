// Who may see whom: one rule, asked for each person.
import type { VaultRole } from '../contract/vault.ts';
import type { VaultRules } from './settings.ts';

/** Who asks, as authenticated by the door. */
export interface Asker {
  user: string;
  /** The person who owns PIVO_HOME, and with it the key. */
  owner: boolean;
  /** An agent or a program that speaks for one. */
  machine: boolean;
}

/** What the rule needs of the person who is asked for. */
export interface Asked {
  /** The person is behind one of the asker's own addresses. */
  self: boolean;
  /** Where the person was seen. */
  repositories: readonly string[];
}

/** True for who may see everybody, rotate and erase. */
export const isOperator = ({ user, owner, machine }: Asker, { operators }: VaultRules): boolean => !machine && (owner || operators.includes(user));

/** Addresses that the configuration says are the user's. */
export const addressesOf = ({ user, machine }: Asker, { users }: VaultRules): readonly string[] => (machine || !Object.hasOwn(users, user) ? [] : (users[user] ?? []));

/** As what the asker may see the person; null when they may not. A machine sees nobody. */
export function roleFor(asker: Asker, { self, repositories }: Asked, rules: VaultRules): VaultRole | null {
  if (asker.machine) return null;
  if (isOperator(asker, rules)) return 'operator';
  if (self) return 'self';
  return repositories.some((repository) => isOfTeam(asker, repository, rules)) ? 'team' : null;
}

/** Whether a team of the asker has the repository. */
export const isOfTeam = ({ user }: Asker, repository: string, { teams }: VaultRules): boolean => teams.some((team) => team.users.includes(user) && team.repositories.some((pattern) => matches(pattern, repository)));

function matches(pattern: string, repository: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(repository);
}
