// Plain words find their command: the share of the judged requests is a floor, and hostile words stay one quoted value.
import { describe, expect, it } from 'vitest';
import { isPivoError } from '../../contract/failures.ts';
import { CATALOGUE } from '../../shell/catalogue/index.ts';
import { best, compose, examplesOf } from '../../shell/compose.ts';
import { commandsOf } from '../../shell/grade/commands.ts';
import { judgedRequests } from './requests.ts';

/** When it was set, 229 of 231 were right. Of the first 203, written before the catalogue was fitted to any, 177 were right at first sight. */
const FLOOR = 0.97;

describe('requests in plain words', () => {
  const judged = judgedRequests();

  it('is a set of at least 150 different requests', () => {
    expect(judged.length).toBeGreaterThanOrEqual(150);
    expect(new Set(judged.map(({ request }) => request)).size).toBe(judged.length);
  });

  it(`finds the right command, word for word, for at least ${FLOOR * 100} % of them`, () => {
    const wrong = judged.flatMap(({ request, command }) => {
      const found = best(compose(request))?.command;
      return found === command ? [] : [`${request}\n  wanted ${command}\n  found  ${found}`];
    });
    expect(1 - wrong.length / judged.length, wrong.join('\n')).toBeGreaterThanOrEqual(FLOOR);
  });

  it('never guesses wrong with a command that destroys', () => {
    const guessed = judged.filter(({ request, command }) => {
      const found = best(compose(request));
      return found?.command !== command && found?.risk === 'destroys';
    });
    expect(guessed).toEqual([]);
  });

  it('finds nothing for what is no request for a command', () => {
    for (const request of ['what is the weather in Paris', 'asdf qwerty', 'tell me a joke about penguins']) expect(best(compose(request)), request).toBeNull();
  });

  it('keeps to the tool that is named', () => {
    expect(compose('list files in /data', 'hadoop')[0]?.command).toBe('hdfs dfs -ls -h /data');
    expect(compose('list files in /data', 'hadoop').every(({ tool }) => tool === 'hadoop')).toBe(true);
  });

  it('never invents a value: what the request does not tell is a placeholder and is listed', () => {
    expect(best(compose('delete the kafka topic'))).toMatchObject({ command: "kafka-topics.sh --bootstrap-server '<broker>' --delete --topic '<topic>'", missing: ['<broker>', '<topic>'] });
  });

  it('deletes nothing that was not named', () => {
    for (const request of ['delete all files', 'remove old files', 'delete files', 'clean everything up']) {
      for (const { command, risk } of compose(request)) {
        if (risk === 'destroys' && /\b(?:rm|-delete)\b/.test(command)) expect(command, request).toMatch(/<\w+>/);
      }
    }
  });
});

describe('hostile words', () => {
  const HOSTILE = ['; rm -rf /', '$(touch x)', '&& reboot', '| sh', "it's; rm x", '> /etc/passwd', '-rf', '--delete', '*', '\\', '!!', '${IFS}', "'", '~', '# x'];

  it('stay one argument wherever they stand in a request', () => {
    let looked = 0;
    for (const value of HOSTILE) {
      for (const request of [`search for "${value}" in /var/log`, `delete the file "${value}"`, `show lines containing "${value}" in app.log`, `copy the file "${value}" to /tmp/x`, `create topic "${value}"`]) {
        const found = best(compose(request));
        if (found === null) continue;
        const { commands, strange } = commandsOf(found.command);
        expect([strange, commands.length], found.command).toEqual([[], 1]);
        const words = commands[0]?.words ?? [];
        expect(words.some((word) => word === value || word === `./${value}` || word?.startsWith('<') === true), `${found.command}: ${JSON.stringify(words)}`).toBe(true);
        looked++;
      }
    }
    expect(looked).toBeGreaterThan(50);
  });

  it('cannot break the line', () => {
    for (const request of ['search for "a\nb" in x', 'delete x\r\nrm -rf /', 'list \u0000 x', 'a\u2028b', '', '   ', 'x'.repeat(2_001)]) {
      expect(() => compose(request), JSON.stringify(request.slice(0, 20))).toThrow(expect.toSatisfy((error: unknown) => isPivoError(error) && error.kind === 'InvalidInput'));
    }
  });
});

describe('the catalogue', () => {
  it('knows at least 120 intents, each with its parts explained', () => {
    expect(CATALOGUE.length).toBeGreaterThanOrEqual(120);
    for (const { explanation, asks, parts } of CATALOGUE) {
      expect(asks.length, explanation).toBeGreaterThan(0);
      for (const [text, meaning] of parts) expect([text !== '', meaning !== ''], explanation).toEqual([true, true]);
    }
  });

  it('finds each intent by its own first ask, or offers it beside', () => {
    const lost = CATALOGUE.filter((intent) => {
      const [{ says } = { says: '' }] = examplesOf(intent);
      return !compose(says).slice(0, 4).some(({ explanation }) => explanation === intent.explanation);
    });
    expect(lost.map(({ explanation }) => explanation)).toEqual([]);
  });
});
