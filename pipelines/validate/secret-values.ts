// Values in the files themselves that are secrets by their name or look like one.
import { looksSecret } from '../../analysis/secrets.ts';
import type { ProposedFile } from '../../contract/pipeline.ts';
import type { CiFile } from './files.ts';
import type { Problems } from './problem.ts';
import { saysSecret } from './secret-names.ts';
import { scalarsOf } from './tree.ts';

/** Parts of a line that are long and random, and no secrets: references, digests, commit ids, checksums and the integrity of packages. */
const NO_SECRETS = /\$\{\{[^}]*\}\}|\$\[\[[^\]]*\]\]|\$\{[^}]*\}|\$\(\(?[A-Za-z_ .-]*\)?\)|\$[A-Za-z_]\w*|sha(?:1|256|384|512)[:=-][\w+/=]+|@[0-9a-f]{40}\b/g;
const CHECKSUM = /sha\d*sum|checksum|digest|integrity|sha(?:1|256|512)/i;
/** Passwords of services that live as long as a job and are in every documentation. */
const THROWAWAY = /^(?:|true|false|yes|no|write|read|none|inherit|\d{1,5}|postgres|mysql|mariadb|mongo|redis|root|admin|guest|user|test|tests|testing|ci|app|password|passwd|pass|secret|token|example|changeme|dummy|rabbitmq|minio|minioadmin|sa|trust)$/i;
/** Keys whose members are variables, arguments or headers. */
const GIVEN = new Set(['variables', 'env', 'with', 'build-args', 'args']);

/** Variables with a secret's name and a value in the file; the value is never told. */
export function namedValues({ root }: CiFile, problems: Problems): void {
  for (const { scalar, above } of scalarsOf(root)) {
    const at = above.findLastIndex((each) => GIVEN.has(each));
    const name = at === -1 ? undefined : above[at + 1];
    const said = /expire|ttl|path|file|name|url|host|enabled|policy|method|persist/i;
    if (name === undefined || above.at(-1) === 'description' || !saysSecret(name) || said.test(name)) continue;
    if (!scalar.text.includes('$') && !THROWAWAY.test(scalar.text)) problems.error(scalar, `${name} has its value in the file: set it as a masked variable of CI and leave it out here`);
  }
}

/** Lines of any file with a value that has the form of a secret. */
export function lookingValues({ path, content }: ProposedFile, problems: Problems): void {
  for (const [at, line] of content.split('\n').entries()) if (hasSecret(line)) problems.error({ path, line: at + 1 }, 'holds a value that looks like a secret: set it as a masked variable of CI');
}

/** Long lines are looked at in pieces, so that none costs more than its length. */
function hasSecret(line: string): boolean {
  for (let from = 0; from < line.length; from += PIECE - OVERLAP) {
    const text = line.slice(from, from + PIECE).replaceAll(NO_SECRETS, ' ');
    const rest = CHECKSUM.test(text) ? text.replaceAll(/\b[0-9a-f]{40,128}\b/gi, ' ') : text;
    if (looksSecret(withoutEmpty(rest))) return true;
  }
  return false;
}

const PIECE = 1024;
const OVERLAP = 256;

/** `--token=` whose value was a reference, or stands in quotes that held one, is no secret; nor is a throwaway. */
const withoutEmpty = (text: string): string => text.replaceAll(/(\w*(?:password|passwd|pwd|secret|token|accountkey|sig)=)(["']?)([^\s"'&;]*)/gi, (whole, _name: string, _quote: string, value: string) => (THROWAWAY.test(value) ? ' ' : whole)).replaceAll(/:\/\/[^\s/:@]*:([^\s/@]+)?@/g, (whole, value?: string) => (THROWAWAY.test(value ?? '') ? '://' : whole));

