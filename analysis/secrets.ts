// Which values are never told: those that are secrets by their name, and those that look like one.

const SECRET_NAME = /pass(?:word|wd|phrase)?|secret|token|credential|api[._-]?key|access[._-]?key|private[._-]?key|encryption[._-]?key|account[._-]?key|signing|auth(?:orization)?$|\bsas\b|dsn$|conn(?:ection)?_?str/i;

/** Forms that secrets have: keys of clouds and forges, PEM blocks, JSON web tokens, user and password in a URL, `password=…`. */
const SECRET_FORM = /AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|glpat-|xox[abprs]-|sk-\w{16,}|AIza[\w-]{30,}|-----BEGIN|eyJ[\w-]{10,}\.|:\/\/[^\s/@]*:[^\s/@]+@|(?:password|passwd|pwd|secret|token|accountkey|sig)=/i;

/** Long runs of letters and digits without words in them. */
const RANDOM = /(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])[\w+/=-]{32,}|[0-9a-f]{32,}/i;

export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** True for a value that may be a secret; paths and names of columns are none. */
export function looksSecret(value: string): boolean {
  if (SECRET_FORM.test(value)) return true;
  return value.split(/[\s/.,:;{}()$"'<>=-]+/).some((piece) => piece.length >= 32 && RANDOM.test(piece) && !/_/.test(piece));
}

/** ` = value` for a detail; nothing where the value may be a secret, by its name or its form. */
export function shownValue(name: string, value: string): string {
  const short = value.replaceAll(/\s+/g, ' ').trim();
  return short === '' || short.length > 120 || isSecretName(name) || looksSecret(short) ? '' : ` = ${short}`;
}
