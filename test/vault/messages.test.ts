// What becomes of the people in texts: messages of commits, log lines, anything that is shown.
import { expect, it } from 'vitest';
import { replaceAddresses, withoutAddresses } from '../../contract/addresses.ts';
import { addressOf } from '../../contract/vault.ts';
import { identityText, type Identity } from '../../vault/identity.ts';
import { hideMessage, hidePerson, isHidden } from '../../vault/messages.ts';
import { NameFinder } from '../../vault/names.ts';

/** A token that a person can read. */
const tokens = new Map<string, string>();
const tokenOf = (identity: Identity): string => {
  const text = identityText(identity);
  if (text === null) return '';
  if (!tokens.has(text)) tokens.set(text, `pii-${tokens.size.toString(16).padStart(32, '0')}`);
  return tokens.get(text) as string;
};
const jane = { name: 'Jane Planted', email: 'jane@planted.example' };
const of = (email: string): string => tokenOf({ name: '', email });
const hide = (text: string, people: Identity[] = [jane]): string => hideMessage(text, people, tokenOf);

it.each<[string, string, () => string]>([
  ['a trailer', 'Fix it\n\nSigned-off-by: Jane Planted <jane@planted.example>', () => `Fix it\n\nSigned-off-by: ${of(jane.email)} <${addressOf(of(jane.email))}>`],
  ['a co-author', 'Co-authored-by: Zoë Ü. O\'Neil <zoe+work@x.example>', () => `Co-authored-by: ${of('zoe+work@x.example')} <${addressOf(of('zoe+work@x.example'))}>`],
  ['a trailer with an address of no known shape', 'Acked-by: Root <root@localhost>', () => `Acked-by: ${of('root@localhost')} <${addressOf(of('root@localhost'))}>`],
  ['a trailer with words for an address', 'Acked-by: Jo <jo at x dot example>', () => `Acked-by: ${of('jo at x dot example')} <${addressOf(of('jo at x dot example'))}>`],
  ['a trailer with a name only', 'Reviewed-by: Mary Ann', () => `Reviewed-by: ${tokenOf({ name: 'Mary Ann', email: '' })}`],
  ['a bare address', 'Reported by bob.builder@site.example.', () => `Reported by ${addressOf(of('bob.builder@site.example'))}.`],
  ['a name of the commit in its prose', 'As Jane\nPlanted said, jane planted did it', () => `As ${of(jane.email)} said, ${of(jane.email)} did it`],
  ['an address in angles', 'Thanks to <root@localhost>', () => `Thanks to <${addressOf(of('root@localhost'))}>`],
  ['an address in a path of a link', 'See https://lists.example/jane@planted.example/1', () => `See https://lists.example/${addressOf(of(jane.email))}/1`],
  ['what is no address', 'Move git@forge.example:a/b and ssh://me@forge.example/c, bump x@1.2.3 and @types/node, Fixes-by: #12 <https://x@y>', () => 'Move git@forge.example:a/b and ssh://me@forge.example/c, bump x@1.2.3 and @types/node, Fixes-by: #12 <https://x@y>'],
  ['a hash after such a key', 'Closed-by: 1a2b3c4', () => 'Closed-by: 1a2b3c4'],
])('hides %s', (_, message, wanted) => {
  expect(hide(message)).toBe(wanted());
});

it('changes nothing the second time', () => {
  const message = 'Jane Planted did it\n\nSigned-off-by: Jane Planted <jane@planted.example>\nReviewed-by: Mary Ann\nbob@site.example';
  const once = hide(message);
  expect(hide(once)).toBe(once);
  expect(once).not.toMatch(/jane|planted|mary|bob/i);
});

it('leaves the shape of a person: what was empty stays so', () => {
  expect(hidePerson({ ...jane, time: 1, zone: '+0000' }, tokenOf)).toEqual({ name: of(jane.email), email: addressOf(of(jane.email)), time: 1, zone: '+0000' });
  expect(hidePerson({ name: 'Only A Name', email: '' }, tokenOf)).toEqual({ name: tokenOf({ name: 'Only A Name', email: '' }), email: '' });
  expect(hidePerson({ name: '', email: ' ' }, tokenOf)).toEqual({ name: '', email: ' ' });
  for (const person of [jane, { name: 'Only A Name', email: '' }, { name: '', email: '' }]) expect(isHidden(hidePerson(person, tokenOf))).toBe(true);
  expect(isHidden(jane)).toBe(false);
});

it('finds names of two words and more, whatever their case, and only whole ones', () => {
  const finder = new NameFinder([{ name: 'Jane Planted', token: 'T1' }, { name: 'Jane Planted Smith', token: 'T2' }, { name: 'Test', token: 'T3' }, { name: 'Ü. Ön-Ay', token: 'T4' }]);
  expect(finder.replace('JANE PLANTED, jane  planted smith; Jane Planteds; a Test; Ü. Ön-Ay!')).toBe('T1, T2; Jane Planteds; a Test; T4!');
  expect(finder.replace('nobody')).toBe('nobody');
});

it('takes a long text without an address, or with a broken one, in the time of reading it', () => {
  for (const text of ['a'.repeat(1_000_000), 'a@'.repeat(500_000), `${'a.'.repeat(400_000)}@`, `x@${'a.'.repeat(400_000)}`, `<${'a'.repeat(500_000)}`, 'A-by: '.repeat(150_000), `Signed-off-by: ${' '.repeat(500_000)}`, `Signed-off-by: ${'a '.repeat(300_000)}!`]) {
    expect(hide(text).length).toBeGreaterThan(0);
    expect(replaceAddresses(text, () => '').length).toBeGreaterThanOrEqual(0);
  }
}, 20_000);

it('removes addresses from log lines', () => {
  expect(withoutAddresses('{"msg":"push of jane@planted.example refused","url":"ssh://git@forge.example/x"}')).toBe('{"msg":"push of [address] refused","url":"ssh://git@forge.example/x"}');
});
