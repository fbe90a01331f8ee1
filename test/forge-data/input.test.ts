// What an export may be asked for: its input is in the history, in the archive and in the audit record.
import { expect, it } from 'vitest';
import { ForgeDataInput } from '../../contract/forge-data.ts';
import { parseInput } from '../../contract/validation.ts';

const given = (url: string): string | undefined => parseInput(ForgeDataInput, { repository: 'shop', url }, 'input').url;

it.each(['https://ada:canary@git.example.com/acme/shop', 'https://canary@git.example.com/acme/shop', 'https://git.example.com/acme/shop?private_token=canary', 'ssh://git:canary@git.example.com/acme/shop'])('a URL with a secret is refused without repeating it: %s', (url) => {
  let said = '';
  try {
    given(url);
  } catch (error) {
    said = `${(error as Error).message} ${JSON.stringify(error)}`;
  }
  expect(said).toContain('input: url: a URL without user, password or query');
  expect(said).not.toContain('canary');
});

it.each(['https://git.example.com/acme/shop.git', 'git@git.example.com:acme/shop.git', 'ssh://git@git.example.com:2222/acme/shop.git'])('%s is taken', (url) => {
  expect(given(url)).toBe(url);
});
