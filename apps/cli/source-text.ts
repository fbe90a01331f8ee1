// Sources and their repositories as text.
import type { DecidedRepository, Discovery, SourceRepository } from '../../contract/source.ts';
import type { AddedSource, RemovedSource } from '../../operations/source-add.ts';
import type { SourceView } from '../../operations/sources.ts';
import { count, fields, instant, many, safeLine, table } from './format.ts';
import type { Style } from './session.ts';

const placeOf = ({ kind, owner, host }: Pick<SourceView, 'kind' | 'owner' | 'host'>): string => safeLine(`${kind} ${owner}${host === undefined ? '' : ` at ${host}`}`);

export const addedText = (spec: AddedSource, { green, bold }: Style): string => `${green('✓')} ${bold(spec.name)} is ${placeOf(spec)}\nSee what it would take with: pivo source discover ${spec.name} --dry-run\n`;

export const removedText = ({ source, repositories }: RemovedSource, { green }: Style): string => `${green('✓')} ${source} is forgotten; what was backed up of its ${many(repositories, 'repository', 'repositories')} stays\nA schedule that it has is removed with: pivo schedule remove --source ${source}\n`;

export function listText(sources: readonly SourceView[], { dim }: Style): string {
  if (sources.length === 0) return 'no sources: pivo source add NAME --github OWNER\n';
  return table<SourceView>(sources, [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'IS', value: placeOf },
    { title: 'PRESENT', value: ({ present }) => count(present), align: 'right' },
    { title: 'EXCLUDED', value: ({ excluded }) => count(excluded), align: 'right' },
    { title: 'VANISHED', value: ({ vanished }) => count(vanished), align: 'right' },
    { title: 'ASKED (UTC)', value: ({ discovered }) => (discovered === null ? 'never' : instant(discovered)) },
  ], dim);
}

export function showText(view: SourceView, repositories: readonly SourceRepository[], style: Style): string {
  const { include, exclude, archived, forks, wikis, forgeData, transport, atOnce, credential, apiCredential } = view;
  const taken = [archived ? 'archived' : '', forks ? 'forks' : '', wikis ? 'wikis' : '', forgeData ? 'forge data' : ''].filter((each) => each !== '');
  const settings = fields([
    ['Is', placeOf(view)],
    ['Credential', credential ?? 'none'],
    ['For the API', apiCredential],
    ['Include', include.length === 0 ? 'all' : safeLine(include.join(', '))],
    ['Exclude', exclude.length === 0 ? null : safeLine(exclude.join(', '))],
    ['Also takes', taken.join(', ') || 'nothing else'],
    ['Clones by', `${transport}, ${atOnce} at once from one host`],
    ['Asked', view.discovered === null ? 'never: pivo source discover' : instant(view.discovered)],
    ['Repositories', `${count(view.present)} present, ${count(view.excluded)} excluded, ${count(view.vanished)} vanished`],
  ]);
  return repositories.length === 0 ? settings : `${settings}\n${repositoriesText(repositories, style)}`;
}

function repositoriesText(repositories: readonly SourceRepository[], { dim, green, yellow }: Style): string {
  const colour = { present: green, excluded: dim, vanished: yellow };
  return table(repositories, [
    { title: 'REPOSITORY', value: ({ repository }) => repository },
    { title: 'STATE', value: ({ state }) => colour[state](state) },
    { title: 'PATH', value: ({ path }) => safeLine(path) },
    { title: 'SEEN (UTC)', value: ({ lastSeen }) => instant(lastSeen) },
    { title: '', value: noteOf },
  ], dim);
}

const noteOf = ({ reason, renamedFrom, state }: SourceRepository): string => safeLine([reason ?? '', renamedFrom.length === 0 ? '' : `was ${renamedFrom.join(', ')}`, state === 'vanished' ? 'what was backed up stays' : ''].filter((each) => each !== '').join('; '));

export function discoveryText({ source, present, excluded, new: found, renamed, vanished }: Discovery, { green }: Style): string {
  const changes = [`${count(found)} new`, `${count(renamed)} renamed`, `${count(vanished)} vanished`].join(', ');
  return `${green('✓')} ${source} has ${many(present, 'repository', 'repositories')} to back up: ${changes}; ${count(excluded)} excluded\n`;
}

export function previewText(discovery: Discovery, repositories: readonly DecidedRepository[], { dim, green }: Style): string {
  const rows = table(repositories, [
    { title: 'REPOSITORY', value: ({ repository }) => repository },
    { title: 'TAKEN', value: ({ excluded }) => (excluded === null ? green('yes') : dim('no')) },
    { title: 'PATH', value: ({ path }) => safeLine(path) },
    { title: 'WHY NOT', value: ({ excluded }) => safeLine(excluded ?? '') },
  ], dim);
  const { source, present, excluded, new: found, renamed, vanished } = discovery;
  return `${rows}\n${source} would have ${many(present, 'repository', 'repositories')} to back up: ${count(found)} new, ${count(renamed)} renamed, ${count(vanished)} vanished; ${count(excluded)} excluded\nNothing was changed.\n`;
}
