// The overview's charts: growth of the archive, times of runs, commits a day.
import type { JSX } from 'preact';
import { lazyPart } from './lazy.tsx';
import type { Job } from '../../../operations/jobs.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { number, rows, text } from '../api/sql.ts';
import { count, duration, size } from '../format.ts';
import { Card } from './page.tsx';
import { Empty, Show } from './state.tsx';

const Chart = lazyPart(() => import('./chart.tsx'), 6);

const GROWTH = `SELECT date(time) AS day, sum(new_bytes) AS bytes FROM visits GROUP BY day ORDER BY day`;
const COMMITS = `SELECT date(commit_time, 'unixepoch') AS day, count(*) AS commits FROM commits WHERE commit_time >= unixepoch('now', '-365 days') GROUP BY day ORDER BY day`;

const seconds = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;

/** `ended` changes when a run has ended, and the times are asked for anew. */
export function Charts({ ended }: { ended: string }): JSX.Element {
  const jobs = useLoad(`jobs ${ended}`, (signal) => get<Job[]>(['jobs'], { limit: 200 }, signal));
  const growth = useLoad('growth', (signal) => rows(GROWTH, { limit: 10_000, signal }));
  const commits = useLoad('commits a day', (signal) => rows(COMMITS, { limit: 1000, signal }));
  return (
    <div class="cards two">
      <Card title="Archive growth"><Show of={growth}>{(found) => {
        let sum = 0;
        const points = found.map((row) => [seconds(text(row, 'day')), (sum += number(row, 'bytes'))] as const);
        return <Chart label="Bytes in the archive" points={points} value={size} kind="line" />;
      }}</Show></Card>
      <Card title="Commits a day"><Show of={commits}>{(found) => <Chart label="Commits a day, last year" points={found.map((row) => [seconds(text(row, 'day')), number(row, 'commits')] as const)} value={count} kind="bars" />}</Show></Card>
      <Times title="Ingest times" type="ingest" jobs={jobs.data ?? []} command="pivo ingest URL" />
      <Times title="Restore times" type="restore" jobs={jobs.data ?? []} command="pivo restore NAME --to ./NAME" />
    </div>
  );
}

function Times({ title, type, jobs, command }: { title: string; type: string; jobs: readonly Job[]; command: string }): JSX.Element {
  const ended = jobs.filter((job) => job.type === type && job.ended !== null && job.state === 'completed').reverse();
  const points = ended.map(({ started, ended }) => [Date.parse(started) / 1000, (Date.parse(ended ?? '') - Date.parse(started)) / 1000] as const);
  return <Card title={title}>{points.length === 0 ? <Empty title={`No ${type} has ended lately`} command={command} /> : <Chart label={`Seconds of each ${type}`} points={points} value={duration} kind="points" />}</Card>;
}
