// Removes secrets from text before it is stored or shown to anybody.
import { withoutAddresses } from '../contract/addresses.ts';

const HIDDEN = '[hidden]';

/** Cheap to ask: most lines hold none of these and are left at once. */
const SUSPICIOUS = /pass|pwd|secret|token|api.?key|access.?key|account.?key|private.?key|\.key|credential|signature|authoriz|bearer|basic |negotiate|cookie|delegation|sig=|akia|asia|aiza|eyj|gh[a-z]_|github_pat|glpat|xox|sk-|npm_|hf_|dapi|:\/\/[^\s/]*@|-----begin/i;

/** Names whose value is a secret, as the end of a longer name too (`fs.s3a.secret.key`, `spring.datasource.password`). */
const NAMES = [
  'pass(?:word|wd|phrase|code)', 'pwd', 'secret(?:[._-]?(?:access)?[._-]?key)?', '(?:access|auth|session|refresh|security|id|api)?[._-]?token', '(?:api|access|account|private|encryption|shared[._-]?access|sse[._a-z-]*)[._-]?key(?:[._-]?id)?',
  'account\\.key\\.[\\w.-]+', 'fs\\.[\\w.-]{1,100}\\.key[\\w.-]*', 'credentials?', 'signature', 'sig', 'authorization', '(?:set-)?cookie', 'delegation', 'jaas\\.config',
].join('|');

/** A value in quotes (of JSON in JSON too, however deep), or up to what ends a word. */
const VALUE = String.raw`(?<escape>\\+)"(?:(?!(?<!\\)\k<escape>").)*|"(?:[^"\\]|\\.)*|'[^']*|(?!\[hidden\])[^\s"'&,;<>)\]}\\]+`;

const RULES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)/g, `${HIDDEN} private key`],
  [/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@"'\\?#]{1,500}@/gi, `$1${HIDDEN}@`],
  [/\b(bearer|basic|negotiate|digest)(\s+)(?=[\w.~+/=-]*[\d=+/_]|[\w.~+/=-]{20})[\w.~+/=-]{8,}/gi, `$1$2${HIDDEN}`],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*){0,3}/g, HIDDEN],
  [/\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}\b/g, HIDDEN],
  [/\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|gl(?:dt|rt|cbt|ptt)-[\w-]{16,}|xox[abeoprs]-[\w-]{8,}|sk-[\w-]{16,}|AIza[\w-]{30,}|npm_\w{30,}|hf_\w{20,}|dapi[0-9a-f]{32})/g, HIDDEN],
  [/(<name>[^<]*(?:password|secret|token|key|credential)[^<]*<\/name>\s*<value>)[^<]*/gi, `$1${HIDDEN}`],
  [/(--?(?:password|passwd|token|secret|api-key)\s+)(?!\[hidden\])[^\s"'-][^\s"']*/gi, `$1${HIDDEN}`],
];

const NAMED = new RegExp(String.raw`((?:${NAMES})(?:\\?["'])?\s{0,3}(?:=>|[=:])\s{0,3})(${VALUE})`, 'gi');

/**
 * `text` without what looks like a secret: user parts of URLs, values of names such as `password` or `fs.s3a.secret.key`,
 * authorization headers, keys and tokens of AWS, GitHub, GitLab, Slack, Google and others, JWTs, private keys.
 * Rather hides a word too many than shows a secret.
 */
export function redact(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  let clean = text;
  for (const [pattern, instead] of RULES) clean = clean.replace(pattern, instead);
  return clean.replace(NAMED, (_, name: string, value: string) => name + hiddenValue(value));
}

/** As `redact`, and without any address: for where people are hidden. */
export const redactAddressesToo = (text: string): string => withoutAddresses(redact(text));

/** A value of JSON with every text in it redacted. */
export const redactTexts = <T>(value: T): T => JSON.parse(JSON.stringify(value), (_, each: unknown) => (typeof each === 'string' ? redact(each) : each)) as T;

/** Keeps the opening quote; the closing one was not taken. `Bearer [hidden]` stays. */
function hiddenValue(value: string): string {
  const quote = /^(?:\\+"|["'])/.exec(value)?.[0] ?? '';
  return /^(?:bearer|basic|negotiate|digest)$/i.test(value.slice(quote.length)) ? value : `${quote}${HIDDEN}`;
}

/** A line on which a private key begins that does not end on it. */
export const opensPrivateKey = (line: string): boolean => line.includes('-----BEGIN') && /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?!.*-----END)/.test(line);

export const closesPrivateKey = (line: string): boolean => line.includes('-----END') && /-----END [A-Z ]*PRIVATE KEY/.test(line);
