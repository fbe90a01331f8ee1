// Decides of everything that a source lists whether it is taken, and what it is called in the archive.
import { PivoError } from '../contract/failures.ts';
import type { DecidedRepository, ListedRepository, NamedRepository, SourceSpec } from '../contract/source.ts';
import { namesFor } from './names.ts';
import { patternList } from './patterns.ts';
import { hostOf, placeOf } from './place.ts';

/** What is known of names already. */
export interface KnownNames {
  /** Of the repositories of all sources. */
  named: readonly NamedRepository[];
  /** The archive: names, and where their newest visits came from. */
  archived: readonly { repository: string; origin: string }[];
}

/** In byte order of the paths. Fails with InvalidInput where none of a repository's names is free. */
export function decide(spec: SourceSpec, listed: readonly ListedRepository[], known: KnownNames): DecidedRepository[] {
  const rule = ruleOf(spec);
  const name = namer(spec, listed, known);
  const origins = new Map(known.archived.map(({ repository, origin }) => [repository, origin]));
  return listed.toSorted(byPath).map((each) => {
    const repository = name(each);
    const origin = origins.get(repository) ?? each.url;
    return { ...each, repository, excluded: rule(each), formerUrl: origin === each.url ? null : origin };
  });
}

const byPath = (a: ListedRepository, b: ListedRepository): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.id < b.id ? -1 : 1);

/** Why a repository is not taken; null: it is. */
function ruleOf({ include, exclude, archived, forks, wikis }: SourceSpec): (each: ListedRepository) => string | null {
  const [wanted, unwanted] = [patternList(include), patternList(exclude)];
  return (each) => {
    const paths = each.wiki ? [each.path, each.path.replace(/\.wiki$/, '')] : [each.path];
    if (each.wiki && !wikis) return 'a wiki';
    if (each.archived && !archived) return 'archived on the forge';
    if (each.fork && !forks) return 'a fork';
    if (include.length > 0 && paths.every((path) => wanted.matching(path) === null)) return 'no pattern includes it';
    const by = paths.map((path) => unwanted.matching(path)).find((pattern) => pattern !== null);
    return by === undefined ? null : `excluded by "${by}"`;
  };
}

const lower = (name: string): string => name.toLowerCase();

/** Names that differ in the case of their letters only are one to some file systems, and so to us. */
function namer(spec: SourceSpec, listed: readonly ListedRepository[], { named, archived }: KnownNames): (each: ListedRepository) => string {
  const present = new Set(listed.map(({ id }) => id));
  const own = named.filter(({ source }) => source === spec.name);
  const byId = new Map(own.map(({ id, repository }) => [id, repository]));
  const remade = new Map(own.filter(({ id }) => !present.has(id)).map(({ path, repository }) => [path, repository])); // the forge gave what is at that address now another id
  const byPlace = new Map([...archived.map(({ repository, origin }): [string, string] => [placeOf(origin), repository]), ...named.filter(({ source }) => source !== spec.name).map(({ url, repository }): [string, string] => [placeOf(url), repository])]);
  const owners = new Map([...archived.map(({ repository, origin }): [string, string] => [lower(repository), placeOf(origin)]), ...named.map(({ url, repository }): [string, string] => [lower(repository), placeOf(url)])]);
  const given = new Set([...byId].filter(([id]) => present.has(id)).map(([, repository]) => lower(repository)));
  const isFree = (name: string, place: string): boolean => !given.has(lower(name)) && (owners.get(lower(name)) ?? place) === place;
  return (each) => {
    const before = byId.get(each.id);
    if (before !== undefined) return before;
    const place = placeOf(each.url);
    const again = [byPlace.get(place), remade.get(each.path)].find((name) => name !== undefined && !given.has(lower(name)));
    const wanted = [...(each.name === null ? [] : [each.name]), ...namesFor({ id: each.id, path: each.path, host: hostOf(each.url) })];
    const name = again ?? wanted.find((candidate) => isFree(candidate, place));
    if (name === undefined) throw new PivoError('InvalidInput', `no free name can be made for ${each.path}`, { hint: 'Exclude it by a pattern, and back it up by itself with --name.' });
    given.add(lower(name));
    return name;
  };
}
