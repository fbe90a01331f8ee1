// Who may see whom, as a table.
import { expect, it } from 'vitest';
import { isOperator, roleFor, type Asked, type Asker } from '../../vault/access.ts';
import { VaultTable } from '../../vault/settings.ts';

const rules = VaultTable.parse({
  operators: ['olga'],
  users: { jane: ['jane@planted.example'] },
  teams: [{ name: 'core', users: ['tim', 'jane'], repositories: ['acme.*', 'tool'] }, { name: 'odd', users: ['odd'], repositories: ['*.b'] }],
});
const person = (user: string): Asker => ({ user, owner: false, machine: false });
const seenIn = (...repositories: string[]): Asked => ({ self: false, repositories });
const oneself: Asked = { self: true, repositories: ['secret'] };

it.each<[string, Asker, Asked, ReturnType<typeof roleFor>]>([
  ['the owner of the home sees anybody', { ...person('root'), owner: true }, seenIn(), 'operator'],
  ['an operator sees anybody', person('olga'), seenIn('secret'), 'operator'],
  ['somebody sees themselves, wherever they were', person('jane'), oneself, 'self'],
  ['somebody without a team sees nobody else', person('eve'), seenIn('tool', 'acme.site'), null],
  ['a team sees the people of its repositories', person('tim'), seenIn('other', 'acme.site'), 'team'],
  ['a name without a star is that one repository', person('tim'), seenIn('tool'), 'team'],
  ['and no longer one', person('tim'), seenIn('tools', 'my.tool', 'xacme.site', 'acmeXsite'), null],
  ['a star stands for any characters', person('odd'), seenIn('a.b'), 'team'],
  ['a dot is a dot', person('odd'), seenIn('aXb'), null],
  ['a member who is also the person is themselves', person('jane'), { self: true, repositories: ['tool'] }, 'self'],
  ['somebody who was seen nowhere is nobody\'s', person('tim'), seenIn(), null],
  ['an agent of the owner sees nobody', { user: 'root', owner: true, machine: true }, oneself, null],
  ['an agent of an operator sees nobody', { ...person('olga'), machine: true }, seenIn('tool'), null],
  ['an agent of a member sees nobody', { ...person('tim'), machine: true }, seenIn('tool'), null],
  ['a user who is called like something of JavaScript is a user', person('constructor'), seenIn('tool'), null],
])('%s', (_, asker, asked, role) => {
  expect(roleFor(asker, asked, rules)).toBe(role);
});

it('lets operators rotate and erase, and no program', () => {
  expect([person('olga'), person('tim'), { ...person('x'), owner: true }, { ...person('olga'), machine: true }].map((asker) => isOperator(asker, rules))).toEqual([true, false, true, false]);
});
