// JavaScript and TypeScript: programs, environment, Temporal, cron, ports, tests.
import { argumentNamed, codeOf, named, type Code } from './calls.ts';
import { SCRIPT } from './lexis.ts';
import { Facts, firstOf, type FileReader } from './reader.ts';
import type { Source } from './source.ts';
import { sqlInStrings } from './sql.ts';
import { temporalScript } from './temporal.ts';

export const scriptReader: FileReader = {
  reads: (path) => /\.(?:[cm]?[jt]s|[jt]sx)$/.test(path) && !/\.(?:min\.[cm]?js|d\.[cm]?ts)$/.test(path),
  read(source) {
    const facts = new Facts(source);
    const code = codeOf(source.text, SCRIPT);
    if (/^#!.*\b(?:node|deno|bun|tsx)\b/.test(source.lines[0] ?? '')) facts.add('entryPoint', source.lines[0] ?? '', `${source.name} runs as a program`, 1);
    for (const found of code.text.matchAll(/\bprocess\.env\.([A-Za-z_]\w*)|\bprocess\.env\[(?=["'])/g)) environment(code, found, facts);
    callFacts(code, facts);
    if (source.text.includes('@temporalio/')) temporalScript(code, facts);
    sqlInStrings(code, facts);
    tests(source, code, facts);
    return facts.list;
  },
};

function callFacts(code: Code, facts: Facts): void {
  for (const call of code.calls) {
    const [first, second] = call.args;
    if (first === undefined) continue;
    if (/^(?:cron|nodeCron|schedule)\.(?:schedule|scheduleJob)$/.test(call.path) || (call.decorator && call.name === 'Cron')) facts.add('schedule', named(first, code).name, `when ${call.path} runs${named(first, code).value}`, first.line);
    else if (call.name === 'listen' && /^\d{2,5}$/.test(first.text)) facts.add('port', first.text, 'a port that the program listens on', first.line);
    else if (/^(?:fs|fsp|promises|fs\.promises)\.(?:readFile|createReadStream|readFileSync)$/.test(call.path) && first.literal !== undefined) facts.add('input', first.literal, `file read by ${call.path}`, first.line);
    else if (/^(?:fs|fsp|promises|fs\.promises)\.(?:writeFile|createWriteStream|writeFileSync|appendFile)$/.test(call.path) && first.literal !== undefined) facts.add('output', first.literal, `file written by ${call.path}`, first.line);
    else if (/^(?:producer|consumer)\.(?:send|subscribe)$/.test(call.path)) topic(code, first.text, first.offset, second === undefined && call.name === 'subscribe' ? 'input' : 'output', facts);
  }
}

function environment({ text, strings, source, lineAt }: Code, found: RegExpExecArray, facts: Facts): void {
  const quote = strings.get(found.index + found[0].length);
  const name = found[1] ?? (quote === undefined ? '' : source.slice(quote.from, quote.to));
  // what is set to a value is no setting of this program
  if (!/^\s*=(?!=)/.test(text.slice(found.index + found[0].length, found.index + found[0].length + 5))) facts.add('configuration', name, 'environment variable', lineAt(found.index));
}

/** `{ topic: 'x' }` of kafkajs. */
function topic({ lineAt, source }: Code, text: string, offset: number, kind: 'input' | 'output', facts: Facts): void {
  const found = /\btopics?\s*:\s*\[?\s*['"]([\w.-]{1,200})['"]/.exec(text.slice(0, 2_000));
  if (found !== null) facts.add(kind, found[1] ?? '', 'Kafka topic', lineAt(source.indexOf(found[1] ?? '', offset)));
}

function tests({ path }: Source, code: Code, facts: Facts): void {
  if (!/\.(?:test|spec)\.[cm]?[jt]sx?$|(?:^|\/)(?:__tests__|tests?)\//.test(path)) return;
  const found = code.calls.filter(({ chain, args }) => ['it', 'test'].includes(chain[0]?.name ?? '') && args[0]?.literal !== undefined);
  const [first] = found;
  const title = first === undefined ? undefined : argumentNamed(first, [], 0);
  if (title?.literal !== undefined) facts.add('test', title.literal, firstOf(found.length, 'test'), title.line);
}
