// `credential`: secrets kept in PIVO_HOME, referred to by name, never on a command line.
import type { Command } from 'commander';
import { table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import type { Act } from '../program.ts';

interface AddOptions {
  username?: string;
  sshKey?: boolean;
}

export function addCredentialCommands(program: Command, act: Act): void {
  const credential = program.command('credential').description('store, list and remove the credentials of origins and targets');
  credential
    .command('add')
    .description('store a credential; the secret is read from stdin or asked for')
    .argument('<name>', 'what `--credential` will call it')
    .option('-u, --username <user>', 'the user name that goes with a token (most forges take any)')
    .option('--ssh-key', 'the secret is a private key for ssh')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo credential add github < token.txt', 'pivo credential add deploy-key --ssh-key < ~/.ssh/id_ed25519'))
    .action(act(async (session, name: string, options: AddOptions) => {
      const { readSecret } = await import('../secret.ts');
      const secret = await readSecret(options.sshKey === true ? `Private key of "${name}"` : `Token or password of "${name}"`, session.signal);
      const credential = options.sshKey === true ? { kind: 'ssh-key', privateKey: secret } : { kind: 'token', username: options.username ?? 'git', token: secret };
      await session.answer(await session.call<{ name: string }>('credential-add', { name, credential }), (added) => `${session.style.green('✓')} stored "${added.name}"; use it with --credential ${added.name}\n`);
    }));
  credential
    .command('list')
    .description('the names and kinds of what is stored')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo credential list'))
    .action(act(async (session) => {
      const found = await session.call<{ name: string; kind: string }[]>('credential-list', {});
      await session.answer(found, (rows) => table(rows, [{ title: 'NAME', value: ({ name }) => name }, { title: 'KIND', value: ({ kind }) => kind }], session.style.dim) || 'no credentials\n');
    }));
  credential
    .command('remove')
    .description('forget a credential')
    .argument('<name>')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo credential remove github'))
    .action(act(async (session, name: string) => {
      await session.answer(await session.call<{ name: string }>('credential-remove', { name }), (removed) => `${session.style.green('✓')} removed "${removed.name}"\n`);
    }));
}
