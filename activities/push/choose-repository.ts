// Act: names a repository whose first backup a push asks for.
import { latestVisit } from '../../archive/visits.ts';
import { PivoError } from '../../contract/failures.ts';
import { RepositoryName, nameOfOrigin } from '../../contract/names.ts';
import { sameOrigin } from '../../webhooks/same-origin.ts';
import type { ActivityDeps } from '../act.ts';

/** The name of the path's last part, or where that belongs to another origin, `owner.name`. Fails with NameConflict when both do, and with InvalidInput when neither is a name. */
export async function chooseRepository({ store }: ActivityDeps, { url }: { url: string }): Promise<string> {
  const names = [nameOfOrigin(url), longNameOf(url)].filter((name) => RepositoryName.safeParse(name).success);
  if (names.length === 0) throw new PivoError('InvalidInput', `no name can be made from ${url}`, { hint: 'Back it up once with --name NAME: the pushes that follow find it.' });
  for (const name of names) {
    const visit = await latestVisit(store, name);
    if (visit === null || sameOrigin(visit.origin) === sameOrigin(url)) return name;
  }
  throw new PivoError('NameConflict', `the names ${names.join(' and ')} belong to other origins than ${url}`, { hint: 'Back it up once with --name NAME: the pushes that follow find it.' });
}

/** `owner.name`, of all parts of the path: `https://host/group/team/tool.git` gives `group.team.tool`. */
function longNameOf(url: string): string {
  const path = sameOrigin(url).replace(/^[a-z+]+:\/\/[^/]*/, '').replace(/^\/+/, '');
  return path.split('/').filter((part) => part !== '').join('.').replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 100);
}
