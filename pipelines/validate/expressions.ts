// Expressions of GitHub (`${{ … }}`) and GitLab (`$[[ … ]]`) in texts: found, told apart, and put out of a shell's way.

/** Stands in a script where a forge puts a secret in. */
export const SECRET_MARK = '__PIVO_SECRET__';

/** Texts in quotes may hold braces; else none begins inside another, so that a text of beginnings alone is read once. */
const EXPRESSION = /\$\{\{((?:'(?:[^']|''){0,1000}'|(?!\$\{\{|\}\})[^']){0,4000})\}\}|\$\[\[((?:(?!\$\[\[|\]\])[\s\S]){0,4000})\]\]/g;

/** Texts that strangers choose: put into a script they are code (docs.github.com, "Script injections"). */
const STRANGERS = /\bgithub\.(?:head_ref|event\.(?:[\w.*[\]]+\.)?(?:title|body|message|email|name|ref|label|page_name|default_branch|head_branch|description))\b/;

/** Contexts that hold secrets as a whole or by name. */
const SECRET = /\bsecrets\b|\bgithub\.token\b|\btojson\(\s*(?:github|env|job)\s*\)|\bgithub\s*\[\s*['"]token/i;

/** The insides of all expressions. */
export const expressionsIn = (text: string): string[] => [...text.matchAll(EXPRESSION)].map(([, github, gitlab]) => (github ?? gitlab ?? '').trim());

/** True where it gives a secret, or an `env` that holds one. */
export function isSecretExpression(expression: string, isSecret: (name: string) => boolean): boolean {
  return SECRET.test(expression) || [...expression.matchAll(/\b(?:env|inputs|vars)\.([\w-]+)/g)].some(([, name = '']) => isSecret(name));
}

/** True where what a stranger wrote would be put in. */
export const isStrangers = (expression: string): boolean => STRANGERS.test(expression);

/** The text with a plain word for each expression, or the mark where it gives a secret; lines stay where they are. */
export function neutral(text: string, isSecret: (name: string) => boolean): string {
  return text.replaceAll(EXPRESSION, (whole, github?: string, gitlab?: string) => (isSecretExpression(github ?? gitlab ?? '', isSecret) ? SECRET_MARK : 'X') + '\\\n'.repeat(whole.split('\n').length - 1));
}
