// PIVO's own metrics, made of what operations measure.
import { AuditEvent } from '../../../contract/events.ts';
import type { Measures } from '../../../operations/measures.ts';
import type { Protection } from '../../../operations/overview.ts';
import { counter, gauge, type Family, type Sample } from './exposition.ts';
import { ingestionFamilies, type WebhookCount } from './ingestion-families.ts';

/** What this process is, beside what was measured. */
export interface Self {
  version: string;
  /** Most repositories with series of their own. */
  repositories: number;
  /** What it counted of forges' requests. */
  webhooks: readonly WebhookCount[];
}

const one = (value: number | null | undefined): Sample[] => (value == null ? [] : [{ value }]);
const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);

/** Each is there from the beginning: an increase from nothing to one is not seen. */
const OUTCOMES = AuditEvent.shape.outcome.options;

/** Every family; one without samples is not known now. */
export function familiesOf(measures: Measures, self: Self): Family[] {
  return [...ofParts(measures, self), ...ofIndex(measures), ...ofRuns(measures), ...ingestionFamilies(measures, self.webhooks), ...ofRepositories(measures.overview?.repositories ?? null, self.repositories)];
}

function ofParts({ parts, queues }: Measures, { version }: Self): Family[] {
  const waiting = queues?.filter(({ backlog }) => backlog !== null) ?? [];
  return [
    gauge('pivo_build_info', 'Which PIVO answers.', [{ labels: { version }, value: 1 }]),
    gauge('pivo_part_up', 'Whether a part of PIVO works: 1 or 0.', parts.map(({ name, up }) => ({ labels: { part: name }, value: Number(up) }))),
    counter('pivo_part_restarts_total', 'How often a part was started again after it ended by itself.', parts.map(({ name, restarts }) => ({ labels: { part: name }, value: restarts }))),
    gauge('pivo_queue_tasks', 'Tasks that wait in a queue of Temporal, about.', waiting.map(({ queue, type, backlog }) => ({ labels: { queue, type }, value: backlog ?? 0 }))),
    gauge('pivo_queue_pollers', 'Workers that take tasks from a queue of Temporal.', (queues ?? []).map(({ queue, type, pollers }) => ({ labels: { queue, type }, value: pollers }))),
  ];
}

function ofIndex({ index, indexBytes }: Measures): Family[] {
  const lags = Map.groupBy(index?.partitions ?? [], ({ topic }) => topic);
  return [
    gauge('pivo_index_lag_events', 'Events of the log that are not in the index yet.', [...lags].map(([topic, partitions]) => ({ labels: { topic }, value: partitions.reduce((sum, { lag }) => sum + lag, 0) }))),
    gauge('pivo_index_consuming', 'Whether the index follows the log: 1 or 0.', one(index === null ? null : Number(index.state === 'consuming'))),
    gauge('pivo_index_rows', 'Rows of the index.', Object.entries(index?.rows ?? {}).map(([table, value]) => ({ labels: { table }, value }))),
    gauge('pivo_index_bytes', 'Size of the index.', one(indexBytes)),
  ];
}

function ofRuns({ overview, totals }: Measures): Family[] {
  const running = overview?.running ?? null;
  const waiting = overview?.waiting ?? null;
  const byType = (known: readonly { type: string }[] | null): Sample[] => (known === null ? [] : (['ingest', 'restore'] as const).map((type) => ({ labels: { type }, value: known.filter((each) => each.type === type).length })));
  const done = (action: 'ingest' | 'restore'): Sample[] => (totals === null ? [] : one(totals.filter((each) => each.action === action).reduce((sum, { bytes }) => sum + bytes, 0)));
  const ended = (action: 'ingest' | 'restore'): Sample[] => (totals === null ? [] : OUTCOMES.map((outcome) => ({ labels: { outcome }, value: totals.find((each) => each.action === action && each.outcome === outcome)?.count ?? 0 })));
  return [
    gauge('pivo_runs', 'Ingests and restores that go on, those included that wait for a person.', byType(running)),
    gauge('pivo_approvals_waiting', 'Ingests and restores that wait for a person.', byType(waiting)),
    counter('pivo_ingests_total', 'Ingests that ended, by outcome, as the audit has them.', ended('ingest')),
    counter('pivo_ingest_bytes_total', 'Bytes that ingests added to the archive.', done('ingest')),
    counter('pivo_restores_total', 'Restores that ended, by outcome, as the audit has them.', ended('restore')),
    counter('pivo_restore_bytes_total', 'Bytes of packs that restores read and checked.', done('restore')),
  ];
}

/** Those with series of their own are those whose last visit is oldest: what needs attention is never left out. */
function ofRepositories(known: readonly Protection[] | null, most: number): Family[] {
  if (known === null) return [];
  const shown = known.length <= most ? known : known.toSorted((a, b) => (a.time < b.time ? -1 : 1)).slice(0, most);
  const each = (value: (protection: Protection) => number | null): Sample[] =>
    shown.flatMap((protection) => {
      const found = value(protection);
      return found === null ? [] : [{ labels: { repository: protection.repository }, value: found }];
    });
  return [
    gauge('pivo_repositories', 'Repositories of the archive.', one(known.length)),
    gauge('pivo_repositories_without_series', 'Repositories beyond the limit, which have no series of their own.', one(known.length - shown.length)),
    gauge('pivo_archive_bytes', 'Bytes of packs and indexes that the last visits of all repositories need.', one(known.reduce((sum, { packBytes }) => sum + packBytes, 0))),
    gauge('pivo_repositories_never_proven', 'Repositories that no restore and no drill has proven.', one(known.filter(({ proven }) => proven === null).length)),
    gauge('pivo_repository_last_visit_timestamp_seconds', 'Time of the last visit.', each(({ time }) => seconds(time))),
    gauge('pivo_repository_last_proof_timestamp_seconds', 'Time of the last restore or drill whose result was compared with the archive.', each(({ proven }) => (proven === null ? null : seconds(proven)))),
    gauge('pivo_repository_last_failure_timestamp_seconds', 'Time of the last ingest that failed since the last visit, within a week.', each(({ failed }) => (failed === null ? null : seconds(failed.time)))),
    gauge('pivo_repository_bytes', 'Bytes of the packs and indexes that the last visit needs.', each(({ packBytes }) => packBytes)),
    gauge('pivo_repository_refs', 'Refs that the last visit found.', each(({ refs }) => refs)),
    gauge('pivo_repository_holes', 'Refs that the origin could not deliver at the last visit.', each(({ holes }) => holes)),
    gauge('pivo_repository_lost_refs', 'Refs that the latest of the last 30 visits to find some found forced or deleted.', each(({ lost }) => (lost === null ? 0 : lost.forced + lost.deleted))),
  ];
}
