// Puts people in the place of their tokens, for somebody who may see them.
import { TOKENS_IN_TEXT, addressOf, type ResolvedPerson } from '../../contract/vault.ts';
import type { Session } from './session.ts';

/** Tokens that one question may name. */
const TOKENS_A_QUESTION = 1_000;

/** A value of JSON with names and addresses for the tokens in its texts; those whom the asker may not see stay tokens. Each question is an audit record. */
export async function withPeople<T>(session: Session, value: T): Promise<T> {
  const text = JSON.stringify(value);
  const tokens = [...new Set(text.match(TOKENS_IN_TEXT))];
  const people = new Map<string, { name: string; email: string }>();
  for (let from = 0; from < tokens.length; from += TOKENS_A_QUESTION) {
    const answer = await session.call<{ people: ResolvedPerson[] }>('vault-resolve', { tokens: tokens.slice(from, from + TOKENS_A_QUESTION) });
    for (const each of answer.people) if (each.state === 'known') people.set(each.person, { name: each.names[0] ?? each.email, email: each.email });
  }
  const shown = (each: string): string => [...people].reduce((said, [token, { name, email }]) => said.replaceAll(addressOf(token), email).replaceAll(token, name), each);
  return JSON.parse(text, (_, each: unknown) => (typeof each === 'string' && each.includes('pii-') ? shown(each) : each)) as T;
}
