// Code of other languages in a script: it is not read, but it may neither name a secret variable nor print all of them.
import { SECRET_MARK } from './expressions.ts';

/** What the code shows, as far as its names tell. */
export function codeLeaks(code: string, program: string, isSecret: (name: string) => boolean): string[] {
  if (code.includes(SECRET_MARK)) return [`a secret, perhaps: it stands in code of ${program}`];
  if (!/environ|\benv\b|\bENV\b|getenv/i.test(code)) return [];
  const named = [...code.matchAll(/[A-Za-z_]\w*/g)].map(([name]) => name).find((name) => /[A-Z]/.test(name) && isSecret(name));
  if (named !== undefined) return [`the secret variable ${named}, perhaps: code of ${program} reads it`];
  const all = /(?:environ|process\.env|\bENV|%ENV|\$_ENV|getenv\(\)|env:)(?!\s*(?:\.(?!(?:items|values|copy|to_h|to_a|each\w*|map|inspect)\b)|[[{(\w'"]))/.test(code);
  return all && /^-\w*p\b|print|log|puts|echo|write|dump|inspect|ls\b|dir\b/i.test(code) ? [`the environment by code of ${program}, with all secret variables`] : [];
}
