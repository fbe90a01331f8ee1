// What a place of a command may hold: which tokens fit, how their text becomes the value, and a sample for the examples.
import { numberOf, secondsOf, type Token, type TokenKind } from './tokens.ts';

export interface Kind {
  /** Tokens that fit wherever they stand. */
  shapes: readonly TokenKind[];
  /** A word that fits where it stands beside the place's own words. */
  bare?: RegExp;
  /** The value; null where the token, though of the right shape, is none. */
  value?(token: Token): string | null;
  sample: string;
  /** Its words are a fixed list, so one that the catalogue uses too is a value all the same. */
  listed?: true;
  /** It takes names that people choose, which may be any word. */
  names?: true;
  /** How the value is written: as a path, or as it is, because the kind itself makes it of safe characters. */
  written?: 'path' | 'raw';
}

const NAME = /^[A-Za-z0-9_][\w.@/+-]*$/;
const BARE_FILE = /^[A-Za-z0-9_][\w.@+-]*$/;
const named = (sample: string, bare = NAME): Kind => ({ shapes: ['quoted'], bare, sample, names: true, value: ({ text }) => (text === '' || text.startsWith('-') ? null : text) });
const path = (sample: string): Kind => ({ shapes: ['path', 'quoted', 'glob'], bare: BARE_FILE, sample, written: 'path', value: ({ text }) => (text === '' ? null : text === './' ? '.' : text) });
const number = (sample: string): Kind => ({ shapes: ['number'], bare: /^(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|hundred|second|third|fourth|fifth)$/i, listed: true, sample, value: ({ text }) => String(numberOf(text) ?? '') || null, written: 'raw' });
const text = (sample: string): Kind => ({ shapes: ['quoted'], bare: /^[^\s-][^\s]*$/, sample });

const SIZE = /^(\d+)(?:\.\d+)? ?([kmgtb])/i;

/** `100M` as find, tar and truncate write it; terabytes as gigabytes. */
function findSize({ text }: Token): string | null {
  const [, count = '', unit = ''] = SIZE.exec(text) ?? [];
  if (count === '') return null;
  const letter = unit.toLowerCase();
  return letter === 't' ? `${Number(count) * 1024}G` : letter === 'b' ? `${count}c` : `${count}${letter === 'k' ? 'k' : letter.toUpperCase()}`;
}

/** `4g` as the JVM writes it. */
function memory({ text }: Token): string | null {
  const [, count = '', unit = ''] = SIZE.exec(text) ?? [];
  return count === '' || unit.toLowerCase() === 'b' ? null : `${count}${unit.toLowerCase()}`;
}

/** `mtime +7` or `mmin -90`, with the sign that find wants before the number. */
const age = (sign: '+' | '-'): Kind => ({
  shapes: ['duration', 'time'],
  sample: '7 days',
  written: 'raw',
  value: (token) => {
    if (token.kind === 'time') return /^(?:yesterday|today)$/i.test(token.text) ? `mtime ${sign}1` : null;
    const seconds = secondsOf(token.text);
    return seconds % 86_400 === 0 ? `mtime ${sign}${seconds / 86_400}` : `mmin ${sign}${Math.max(1, Math.round(seconds / 60))}`;
  },
});

/** `7 days ago` as git and journalctl read it; words for a day are theirs already. */
function agoOf({ kind, text }: Token): string {
  if (kind !== 'duration' || /ago$/i.test(text)) return text;
  const seconds = secondsOf(text);
  return seconds % 86_400 === 0 ? `${seconds / 86_400} days ago` : `${Math.max(1, Math.round(seconds / 60))} minutes ago`;
}

const since: Kind = { shapes: ['time', 'duration', 'quoted'], sample: 'yesterday', value: agoOf };

/** Words for kinds of files, and the ending of their names. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries('csv tsv json jsonl txt log parquet avro orc xml yaml yml py java scala sh sql gz zst tmp bak jar ts js md conf html zip tar pdf png jpg ini toml properties go out har'.split(' ').map((ending) => [ending, ending])),
  logs: 'log', python: 'py', shell: 'sh', temp: 'tmp', temporary: 'tmp', typescript: 'ts', javascript: 'js', markdown: 'md', gzip: 'gz', text: 'txt',
};

/** By the names of places. */
const KINDS: Readonly<Record<string, Kind>> = {
  path: path('/var/log'), folder: path('/var/log'), file: path('app.log'), source: path('/data/in'), target: path('/data/out'), archive: path('logs.tar.gz'), script: path('job.py'),
  glob: { shapes: ['glob', 'quoted'], bare: BARE_FILE, sample: '"*.log"' },
  ext: { shapes: [], bare: /^\.?[A-Za-z0-9]{1,10}$/, sample: 'csv', listed: true, value: ({ text }) => EXTENSIONS[text.toLowerCase().replace(/^\./, '')] ?? null },
  size: { shapes: ['size'], sample: '100M', value: findSize, written: 'raw' },
  memory: { shapes: ['size'], sample: '4g', value: memory, written: 'raw' },
  number: number('20'), line: number('10'), partitions: number('6'), replicas: number('3'), executors: number('10'), cores: number('4'), column: number('2'), depth: number('1'), replication: number('3'), offset: number('42'), partition: number('0'),
  port: { ...number('8080'), bare: /^\d{2,5}$/ }, pid: { ...number('4242'), bare: /^\d{2,7}$/ },
  older: age('+'), newer: age('-'), since, until: since,
  instant: { shapes: ['time'], sample: '2026-11-01', value: ({ text }) => instantOf(text) },
  seconds: { shapes: ['duration'], sample: '30 seconds', value: ({ text }) => String(secondsOf(text)), written: 'raw' },
  milliseconds: { shapes: ['duration'], sample: '7 days', value: ({ text }) => String(secondsOf(text) * 1000), written: 'raw' },
  interval: { shapes: ['duration'], sample: '1 hour', value: ({ text }) => spanOf(secondsOf(text)), written: 'raw' },
  mode: { shapes: ['mode', 'number'], sample: '644', value: ({ text }) => (/^(?:[0-7]{3,4}|[ugoa]*[+-][rwxX]+)$/.test(text) ? text : null) },
  commit: { shapes: ['commit'], bare: /^[A-Za-z0-9_][\w./-]*$/, sample: '4f2a9c1' },
  url: { shapes: ['url'], sample: 'https://example.org/data.csv' },
  application: { shapes: ['application'], sample: 'application_1700000000000_0042' },
  broker: { shapes: ['hostPort'], sample: 'kafka:9092' },
  address: { shapes: ['hostPort'], bare: /^[A-Za-z0-9][\w.-]*$/, sample: 'db.internal' },
  host: { shapes: ['path'], bare: /^[A-Za-z0-9][\w.-]*(?:@[\w.-]+)?$/, sample: 'db.internal' },
  pattern: text('"connection refused"'), replacement: text('"new"'), text: text('"timeout"'), message: text('"Fix the build"'), value: text('"42"'), delimiter: text('","'),
  sql: { shapes: ['quoted'], sample: '"SELECT 1"' }, json: { shapes: ['quoted'], sample: "'{\"id\":1}'" },
  topic: named('orders'), group: named('billing'), branch: named('feature/login'), base: named('main'), old: named('main'), tag: named('v1.2.0'), remote: named('upstream', BARE_FILE), user: named('alice', BARE_FILE), owner: named('etl', BARE_FILE), name: named('report'), process: named('java', BARE_FILE),
  service: named('nginx', BARE_FILE), workflow: named('ingest:execa', /^[A-Za-z0-9_][\w.@:/+-]*$/), schedule: named('nightly', /^[A-Za-z0-9_][\w.@:/+-]*$/), queue: named('pivo', BARE_FILE), type: named('ingest', BARE_FILE), namespace: named('default', BARE_FILE), signal: named('approve', BARE_FILE), query: named('progress', BARE_FILE),
  table: named('sales.orders', /^[A-Za-z_][\w.]*$/), database: named('sales', /^[A-Za-z_]\w*$/), variable: named('PATH', /^[A-Za-z_]\w*$/), snapshot: named('before-upgrade', BARE_FILE), class: named('org.example.Job', /^[A-Za-z_][\w.$]*$/), config: named('max.message.bytes', /^[a-z][\w.]*$/), key: named('user.email', /^[A-Za-z][\w.-]*$/),
};

const FALLBACK = named('value');

/** The kind of a place; a name that is not listed takes names. */
export const kindOf = (place: string): Kind => KINDS[place] ?? FALLBACK;

/** `2026-11-01T00:00:00Z`, of a date or an instant in UTC. */
function instantOf(text: string): string | null {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : `${text.replace(' ', 'T').replace(/Z$/i, '')}Z`);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace('.000Z', 'Z');
}

/** `1h`, `30m`, `45s`: a duration of Go, which knows no days. */
function spanOf(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
