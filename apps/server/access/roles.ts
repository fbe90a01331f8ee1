// Who may do what through the HTTP door.
import { PivoError } from '../../../contract/failures.ts';
import type { Caller, OperationKind } from '../../../operations/operation.ts';

/** From least to most: `reader` reads; `local` may also start what then waits for a person; `operator` starts; `owner` decides. */
export const ROLES = ['reader', 'local', 'operator', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** Somebody whom the door has recognised. */
export interface Visitor {
  user: string;
  role: Role;
}

/** The least role for an operation, where its route names no other. */
export const LEAST_ROLE = { reads: 'reader', starts: 'operator', decides: 'owner' } as const satisfies Record<OperationKind, Role>;

export const callerOf = ({ user, role }: Visitor): Caller => ({ user, via: 'server', owner: role === 'owner' });

/** True when the role is at least `least`. */
export const isAtLeast = (role: Role, least: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(least);

/** Fails with NotAllowed. */
export function mustBe({ user, role }: Visitor, least: Role, what: string): void {
  if (isAtLeast(role, least)) return;
  throw new PivoError('NotAllowed', `${user} may not ${what}: that needs the role ${least}, and this is ${role}`, {
    hint: role === 'local' ? 'Open the address that `pivo console` prints: it has the token.' : `Ask the owner of this PIVO for a token with the role ${least}.`,
  });
}
