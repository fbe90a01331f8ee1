// Act: the next repositories of a fleet run, without those that it is done with.
import type { FleetEntry, FleetPass } from '../../contract/fleet.ts';
import type { SourceRepository } from '../../contract/source.ts';
import { hostOf } from '../../sources/place.ts';
import type { ActivityDeps } from '../act.ts';
import { fleetPorts } from './ports.ts';

/** Entries of one page: what a workflow's history holds of them stays small. */
const PAGE = 100;

export interface FleetPage {
  entries: FleetEntry[];
  /** Where the next page begins; null: this was the last. */
  cursor: string | null;
}

/** Repositories behind `after`, by name. Fails with Unavailable. */
export function nextFleetPage(deps: ActivityDeps, { fleetId, source, after, pass }: { fleetId: string; source: string; after: string | null; pass: FleetPass }): Promise<FleetPage> {
  const { book, rows } = fleetPorts(deps);
  const page = book.repositories(source, after, PAGE, 'present');
  const names = page.map(({ repository }) => repository);
  const due = pass === 'backup' ? rows.unrecorded(fleetId, names) : rows.withoutForgeData(fleetId, page.filter(({ wiki }) => !wiki).map(({ repository }) => repository));
  const entries = page.map((each, at) => entryOf(each, names[at - 1] ?? after)).filter(({ repository }) => due.has(repository));
  return Promise.resolve({ entries, cursor: page.length < PAGE ? null : (names.at(-1) ?? null) });
}

const entryOf = ({ repository, path, url, wiki, formerUrl }: SourceRepository, after: string | null): FleetEntry => ({ repository, path, url, formerUrl, host: hostOf(url), wiki, after });
