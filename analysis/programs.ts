// Go and Rust as far as simple patterns read them: main programs, environment, tests.
import type { FactKind } from '../contract/analysis.ts';
import { GO, mask, type Lexis } from './lexis.ts';
import { Facts, type FileReader } from './reader.ts';
import { lineCounter } from './source.ts';

interface Pattern {
  /** Its first group is the name. It is looked for where no comment and no string is. */
  form: RegExp;
  kind: FactKind;
  detail: string;
}

interface Language {
  files: RegExp;
  lexis: Lexis;
  patterns: readonly Pattern[];
}

const RUST: Lexis = { lineComments: ['//'], blockComment: ['/*', '*/'], quotes: ['"'], multiline: ['"'] };

const LANGUAGES: readonly Language[] = [
  { files: /\.go$/, lexis: GO, patterns: [
    { form: /^func (main)\(\)/gm, kind: 'entryPoint', detail: 'the main program of its package' },
    { form: /\bos\.(?:Getenv|LookupEnv)\("(\w+)"/g, kind: 'configuration', detail: 'environment variable' },
    { form: /^func (Test\w+)\(/gm, kind: 'test', detail: 'a test' },
    { form: /\b(?:ListenAndServe(?:TLS)?|Run|Start|Listen)\("[^":]{0,60}:(\d{2,5})"/g, kind: 'port', detail: 'a port that the program listens on' },
  ] },
  { files: /\.rs$/, lexis: RUST, patterns: [
    { form: /^(?:pub )?(?:async )?fn (main)\(/gm, kind: 'entryPoint', detail: 'the main program' },
    { form: /\benv::var(?:_os)?\("(\w+)"/g, kind: 'configuration', detail: 'environment variable' },
    { form: /\bbind\(\(?"[^"]{0,60}[:"]\s{0,3},?\s{0,3}(\d{2,5})\b/g, kind: 'port', detail: 'a port that the program listens on' },
    { form: /#\[(?:tokio::)?test\]\s{0,40}(?:async )?fn (\w+)/g, kind: 'test', detail: 'a test' },
  ] },
];

export const programReader: FileReader = {
  reads: (path) => LANGUAGES.some(({ files }) => files.test(path)),
  read(source) {
    const facts = new Facts(source);
    const lineAt = lineCounter(source.text);
    const language = LANGUAGES.find(({ files }) => files.test(source.path.toLowerCase()));
    if (language === undefined) return facts.list;
    const { text } = mask(source.text, language.lexis);
    for (const { form, kind, detail } of language.patterns) {
      for (const found of source.text.matchAll(form)) {
        if (text[found.index] === source.text[found.index]) facts.add(kind, found[1] ?? '', detail, lineAt(found.index + found[0].lastIndexOf(found[1] ?? '')));
      }
    }
    return facts.list;
  },
};
