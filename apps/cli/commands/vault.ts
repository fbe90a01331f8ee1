// `vault`: who is behind a token, new tokens, erasing a person, and hiding what was stored before.
import type { Command } from 'commander';
import { PivoError } from '../../../contract/failures.ts';
import type { ResolvedPerson, VaultMigration, VaultStatus } from '../../../contract/vault.ts';
import type { Erased } from '../../../operations/vault-erase.ts';
import type { FoundPeople } from '../../../operations/vault-resolve.ts';
import type { Rotated } from '../../../operations/vault-rotate.ts';
import { count, fields, instant, many, safeLine, table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import type { Act } from '../program.ts';

export function addVaultCommands(program: Command, act: Act): void {
  const vault = program.command('vault').description('people are tokens everywhere but here: who is behind one, new ones, erasing somebody');
  vault
    .command('status', { isDefault: true })
    .description('whether the vault is on, and how many people it knows')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo vault'))
    .action(act(async (session) => session.answer(await session.call<VaultStatus>('vault-status', {}), statusText)));
  vault
    .command('resolve')
    .description('who is behind tokens, as far as you may know; each question is in the audit log')
    .argument('<token...>', '"pii-" and 32 hex digits')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo vault resolve pii-0123456789abcdef0123456789abcdef'))
    .action(act(async (session, tokens: string[]) => {
      const answer = await session.call<{ people: ResolvedPerson[] }>('vault-resolve', { tokens });
      await session.answer(answer, ({ people }) => table(people, [{ title: 'TOKEN', value: ({ person }) => person }, { title: 'WHO', value: whoIs }, { title: 'SEEN IN', value: (each) => (each.state === 'known' ? each.repositories.join(' ') : '') }], session.style.dim));
    }));
  vault
    .command('find')
    .description('the token of an address, or those of everybody with a name')
    .argument('<address|name>')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo vault find jane@example.org', 'pivo vault find "Jane Doe"'))
    .action(act(async (session, who: string) => {
      const found = await session.call<FoundPeople>('vault-find', { who });
      await session.answer(found, ({ people }) => people.map(({ person, known }) => `${person}${known ? '' : '  (nobody is stored behind it)'}\n`).join(''));
    }));
  addChanging(vault, act);
}

/** What changes the vault, or what was stored before it was on. */
function addChanging(vault: Command, act: Act): void {
  vault
    .command('rotate')
    .description('a new token for one person or for everybody, or a new master key; older tokens lead to the same people')
    .argument('[token]', 'one person (default: everybody)')
    .option('--key', 'seal the vault by a new master key; tokens stay')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo vault rotate', 'pivo vault rotate --key'))
    .action(act(async (session, person: string | undefined, { key }: { key?: boolean }) => {
      const rotated = await session.call<Rotated>('vault-rotate', { what: key === true ? 'key' : 'tokens', ...(person === undefined ? {} : { person }) });
      await session.answer(rotated, ({ what, people }) => (what === 'key' ? `sealed ${many(people, 'person', 'people')} by a new master key\n` : `${many(people, 'person', 'people')} have new tokens; \`pivo vault migrate\` puts them in the place of the old ones\n`));
    }));
  vault
    .command('erase')
    .description('destroy what makes a person known, for good; packs and checkouts keep the original bytes')
    .argument('<address|token>')
    .option('-y, --yes', 'do it')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo vault erase jane@example.org --yes'))
    .action(act(async (session, who: string, { yes }: { yes?: boolean }) => {
      if (yes !== true) throw new PivoError('InvalidInput', 'erasing a person cannot be undone', { hint: 'Say --yes to do it. Git objects in the archive stay as they are: docs/vault.md says what that means.' });
      const erased = await session.call<Erased>('vault-erase', { who });
      await session.answer(erased, ({ person, already }) => `${person} ${already ? 'was erased before' : 'leads to nobody any more'}; packs and checkouts keep the original bytes\n`);
    }));
  vault
    .command('migrate')
    .description('put tokens wherever people were stored before the vault was on, or under older tokens')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo vault migrate'))
    .action(act(async (session) => session.answer(await session.call<VaultMigration>('vault-migrate', {}), migrationText)));
}

const statusText = ({ enabled, key, people, erased, tokens, generation }: VaultStatus): string =>
  enabled ? fields([['Vault', 'on'], ['Key', key], ['People', count(people)], ['Erased', count(erased)], ['Tokens', `${count(tokens)}, generation ${generation}`]]) : 'the vault is off: names and addresses are stored as they stand in commits\n';

function whoIs(person: ResolvedPerson): string {
  if (person.state === 'known') return safeLine(`${person.names.join(', ')} <${person.email}>`);
  if (person.state === 'erased') return `erased ${instant(person.at)} by ${safeLine(person.by)}`;
  return person.state === 'refused' ? 'you may not know' : 'no token of this vault';
}

const migrationText = ({ repositories, commits, people, messages, texts, left }: VaultMigration): string =>
  `${many(people, 'person', 'people')} in ${many(commits, 'commit')} of ${many(repositories, 'repository', 'repositories')}; ${many(messages, 'message')} and ${many(texts, 'text')} hold tokens now\n${left.map((line) => `left: ${line}\n`).join('')}`;
