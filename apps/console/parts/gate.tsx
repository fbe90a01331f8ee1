// Shown when the server wants a token, or refuses the one it was given: says how to get one.
import type { JSX } from 'preact';
import { token, useToken } from '../session.ts';
import { Command } from './command.tsx';
import { Field, Form, fieldOf } from './form.tsx';

export function Gate(): JSX.Element {
  const had = token.value !== null;
  return (
    <main class="gate">
      <h1>{had ? 'This token is not accepted' : 'PIVO wants a token'}</h1>
      <p>{had ? 'It may be of another PIVO, or have been replaced since.' : 'This server answers only those who have one.'} On the machine where PIVO runs, this prints an address that holds a fresh one:</p>
      <Command text="pivo console" />
      <Form label="Token" onSend={(form) => useToken(fieldOf(form, 'token') || null)}>
        <Field label="Or paste the token" hint="It is kept for this tab only, and goes nowhere but to this server."><input name="token" type="password" autocomplete="off" required spellcheck={false} /></Field>
        <div class="row">
          <button class="primary">Use it</button>
          {had && <button type="button" onClick={() => useToken(null)}>Go on without one</button>}
        </div>
      </Form>
    </main>
  );
}
