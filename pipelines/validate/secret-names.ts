// Which variables hold secrets: by their names, by the forge's word, and by what they are set from.
import { isSecretName } from '../../analysis/secrets.ts';
import { expressionsIn, isSecretExpression } from './expressions.ts';
import type { CiFile } from './files.ts';
import { scalarsOf } from './tree.ts';

/** Words that only look like the names of secrets. */
const HARMLESS = /by_?pass|com_?pass|pass(?:ed|ing|through|ive|age|enger)|tokeni[sz]|tokens?_?(?:limit|count|max|min|budget|length)|(?:max|min|num|n)_?tokens?|author(?!iz)|signing_?enabled/gi;
/** Secrets by their whole names: GitLab's address of the repository holds a token. */
const OTHERS = /^CI_REPOSITORY_URL$|^CI_JOB_JWT|_PWD$|(?:SSH|DEPLOY|GPG|PGP|RSA|TLS|SSL|SERVER|SIGN)_?KEY|KEYSTORE|WEBHOOK|_PAT$|NETRC|DOCKER_AUTH_CONFIG/i;

/** True for a variable whose name says that it is secret. */
export function saysSecret(name: string): boolean {
  const plain = name.replaceAll(HARMLESS, '');
  return isSecretName(plain) || OTHERS.test(plain);
}

/** Where variables get values in a file of CI. */
const HOLDERS = new Set(['variables', 'env', 'secrets', 'id_tokens']);
const ROUNDS = 5;

/** A test for names of variables of all files: told secret, named so, or set from one that is. */
export function secretTest(files: readonly CiFile[], told: readonly string[]): (name: string) => boolean {
  const names = new Set(told);
  const isSecret = (name: string): boolean => names.has(name) || saysSecret(name);
  const set = files.flatMap(({ root }) => [...scalarsOf(root)].flatMap(({ scalar, above }) => {
    const at = above.findLastIndex((each) => HOLDERS.has(each));
    const name = at === -1 ? undefined : above[at + 1];
    return name === undefined ? [] : [{ name, text: scalar.text, whole: above[at] === 'secrets' || above[at] === 'id_tokens' }];
  }));
  for (let round = 0; round < ROUNDS; round++) for (const { name, text, whole } of set) if (whole || fromSecret(text, isSecret)) names.add(name);
  return isSecret;
}

/** True for a text with a reference to a secret variable, or an expression that gives a secret. */
export function fromSecret(text: string, isSecret: (name: string) => boolean): boolean {
  return [...text.matchAll(/(?<!\$)\$\{?([A-Za-z_]\w*)/g)].some(([, name = '']) => isSecret(name)) || expressionsIn(text).some((each) => isSecretExpression(each, isSecret));
}
