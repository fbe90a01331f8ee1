// Points: what people write after the `@` - a commit, snapshot, instant, tag, branch - resolved to one state.
import { PivoError } from '../../contract/failures.ts';
import type { Ref, Snapshot } from '../../contract/snapshot.ts';
import { CURRENT, LATEST } from '../../contract/spec.ts';
import type { Visit } from '../../contract/visit.ts';
import { quotePath, unquotePath } from '../../git/quote.ts';
import type { VisitSummary } from './history.ts';
import { parseInstant } from './instants.ts';
import type { RepositoryReader } from './reader.ts';

export type PointKind = 'latest' | 'current' | 'commit' | 'snapshot' | 'instant' | 'tag' | 'branch' | 'ref';

/** A point whose visit and snapshot were not read. */
export interface FoundPoint {
  asked: string;
  kind: PointKind;
  /** Number of the visit that the point is taken from. */
  seq: number;
  /** The commit that it means; HEAD's for a whole state; null where there is none. */
  commit: string | null;
}

export interface Point extends Omit<FoundPoint, 'seq'> {
  visit: Visit;
  snapshot: Snapshot;
}

/**
 * Resolves a point. In this order: `latest`, `current`, full commit, snapshot id (or its first digits, or its folder's name), instant, tag, branch, full
 * ref name, short commit. A commit belongs to the first visit that contains it, an instant to the last visit at or before it, a snapshot to the last visit that found it, a
 * name to the last visit. Fails with NotFound whose hint says what there is, and with Ambiguous that lists the candidates.
 */
export async function findPoint(reader: RepositoryReader, asked: string): Promise<FoundPoint> {
  for (const find of [latest, current, fullCommit, snapshot, instant, refName, shortCommit]) {
    const found = await find(reader, asked);
    if (found !== null) return { asked, ...found };
  }
  throw await notFound(reader, asked);
}

/** As `findPoint`, with the visit and its snapshot. */
export async function resolvePoint(reader: RepositoryReader, asked: string): Promise<Point> {
  const { kind, seq, commit } = await findPoint(reader, asked);
  const visit = await reader.visit(seq);
  return { asked, kind, visit, snapshot: await reader.snapshot(visit), commit };
}

/** The commit of a point. Fails with NotFound where it has none: an empty repository, a tag of a file. */
export function commitOf({ asked, commit }: Pick<FoundPoint, 'asked' | 'commit'>, repository: string): string {
  if (commit !== null) return commit;
  throw new PivoError('NotFound', `${repository}@${asked} is no commit`, { hint: 'HEAD had no commit there, or the name is that of a file or folder: name a branch or commit.' });
}

type Find = (reader: RepositoryReader, asked: string) => Promise<Omit<FoundPoint, 'asked'> | null>;

const lastOf = (reader: RepositoryReader): VisitSummary => {
  const last = reader.visits.at(-1);
  if (last === undefined) throw new PivoError('NotFound', `${reader.repository} has no visit`);
  return last;
};

const latest: Find = async (reader, asked) => {
  if (asked !== LATEST) return null;
  const { seq, head } = lastOf(reader);
  return { kind: 'latest', seq, commit: head };
};

const current: Find = async (reader, asked) => {
  if (asked !== CURRENT) return null;
  const { current: seq } = await reader.gate();
  const { head } = reader.visits.find((visit) => visit.seq === seq) ?? lastOf(reader);
  return { kind: 'current', seq, commit: head };
};

const FULL = /^([0-9a-f]{40}|[0-9a-f]{64})$/i;
const SHORT = /^[0-9a-f]{4,63}$/i;

const fullCommit: Find = async (reader, asked) => {
  if (!FULL.test(asked)) return null;
  const commit = asked.toLowerCase();
  const seq = (await reader.commits()).firstVisit(commit);
  return seq === null ? null : { kind: 'commit', seq, commit };
};

const SNAPSHOT = /^(?:(?:swh|pivo):1:snp:|(?:snapshots\/)?snp-)([0-9a-f]{4,64})$/i;

const snapshot: Find = async (reader, asked) => {
  const hex = SNAPSHOT.exec(asked)?.[1]?.toLowerCase();
  if (hex === undefined) return null;
  const matching = reader.visits.filter((visit) => visit.snapshot.split(':').at(-1)?.startsWith(hex) === true);
  const ids = new Set(matching.map((visit) => visit.snapshot));
  if (ids.size > 1) throw ambiguous(asked, 'snapshots', [...ids]);
  const last = matching.at(-1);
  return last === undefined ? null : { kind: 'snapshot', seq: last.seq, commit: last.head };
};

const instant: Find = async (reader, asked) => {
  const time = parseInstant(asked)?.getTime();
  const visit = time === undefined ? undefined : reader.visits.findLast((each) => Date.parse(each.time) <= time);
  return visit === undefined ? null : { kind: 'instant', seq: visit.seq, commit: visit.head };
};

const refName: Find = async (reader, asked) => {
  const last = lastOf(reader);
  const ref = namedRef(await reader.snapshot(last), asked);
  return ref === null ? null : { kind: kindOf(ref), seq: last.seq, commit: await commitOfRef(reader, ref) };
};

/** A tag before a branch of the same name, then the full name; `asked` as `quotePath` writes it, or as it is. */
function namedRef({ refs }: Snapshot, asked: string): Ref | null {
  const name = unquotePath(asked);
  for (const prefix of ['refs/tags/', 'refs/heads/', '']) {
    const canonical = quotePath(Buffer.concat([Buffer.from(prefix), name]));
    const found = refs.find((ref) => ref.name === prefix + asked || ref.name === canonical);
    if (found !== undefined) return found;
  }
  return null;
}

function kindOf({ name }: Ref): PointKind {
  const bytes = unquotePath(name).toString('latin1');
  if (bytes.startsWith('refs/tags/')) return 'tag';
  return bytes.startsWith('refs/heads/') ? 'branch' : 'ref';
}

/** Null for a ref of a file or folder. */
async function commitOfRef(reader: RepositoryReader, { oid, type, peeled }: Ref): Promise<string | null> {
  if (type === 'commit') return oid;
  if (type !== 'tag' || peeled === undefined) return null;
  return (await reader.objects.info(peeled))?.type === 'commit' ? peeled : null;
}

/** Most candidates that an error lists. */
const CANDIDATES = 10;

const shortCommit: Find = async (reader, asked) => {
  if (!SHORT.test(asked)) return null;
  const commits = await reader.commits();
  const [commit, ...others] = commits.startingWith(asked.toLowerCase(), CANDIDATES);
  if (commit === undefined) return null;
  if (others.length > 0) throw ambiguous(asked, 'commits', await Promise.all([commit, ...others].map((each) => described(reader, each))));
  return { kind: 'commit', seq: commits.firstVisit(commit) ?? lastOf(reader).seq, commit };
};

/** Id and subject. */
async function described(reader: RepositoryReader, commit: string): Promise<string> {
  const text = (await reader.objects.read(commit))?.content.toString('utf8') ?? '';
  return `${commit} ${/\n\n(.{0,60})/.exec(text)?.[1] ?? ''}`.trimEnd();
}

function ambiguous(asked: string, what: string, candidates: string[]): PivoError {
  return new PivoError('Ambiguous', `${asked} could be one of several ${what}: ${candidates.join(', ')}`, { hint: 'Give more digits.', facts: { asked, candidates } });
}

/** Snapshots that are looked through for a name that is not there any more. */
const LOOKED_THROUGH = 50;

async function notFound(reader: RepositoryReader, asked: string): Promise<PivoError> {
  return new PivoError('NotFound', `${reader.repository} has no ${JSON.stringify(asked)}`, { hint: await hintFor(reader, asked), facts: { repository: reader.repository, asked } });
}

async function hintFor(reader: RepositoryReader, asked: string): Promise<string> {
  const [first] = reader.visits;
  if (parseInstant(asked) !== null) return `The first visit was at ${first?.time}; see \`pivo visits ${reader.repository}\`.`;
  const had = await visitsThatHad(reader, asked);
  const last = had.at(-1);
  if (last === undefined) return `A point is a commit, snapshot, instant, tag or branch; see \`pivo visits ${reader.repository}\` and \`pivo log ${reader.repository}\`.`;
  const which = had.length === 1 ? `Visit ${last.seq}` : `Visits ${had.map(({ seq }) => seq).join(', ')}`;
  return `${which} had a ref of that name, the last with commit ${last.commit}; ask for that commit, or restore ${reader.repository}@${last.time}.`;
}

/** Visits whose snapshot has the name, first visit of each snapshot, ascending; only the latest snapshots are looked through. */
async function visitsThatHad(reader: RepositoryReader, name: string): Promise<{ seq: number; time: string; commit: string }[]> {
  const seen = new Set<string>();
  const distinct = reader.visits.filter(({ snapshotPath }) => !seen.has(snapshotPath) && seen.add(snapshotPath));
  const had: { seq: number; time: string; commit: string }[] = [];
  for (const visit of distinct.slice(-LOOKED_THROUGH)) {
    const ref = namedRef(await reader.snapshot(visit), name);
    if (ref !== null) had.push({ seq: visit.seq, time: visit.time, commit: ref.peeled ?? ref.oid });
  }
  return had;
}
