// A second ingest of an origin that did not change, end to end on a running stack, beside the ls-remote that it needs.
import { git } from '../git/process.ts';
import { median, timed, type Bench, type Row } from './bench.ts';
import { titleOf } from './repositories.ts';
import { withPivo } from './with-pivo.ts';

const ROUNDS = 7;

export const unchangedBench: Bench = {
  name: 'unchanged',
  title: `Ingest of an unchanged origin, command start to command end, median of ${ROUNDS} rounds`,
  run: ({ scratch, repositories }) =>
    withPivo(scratch, async (pivo) => {
      const rows: Row[] = [];
      for (const [at, repository] of repositories.entries()) {
        const ingest = (): Promise<unknown> => pivo.json('ingest', repository, '--name', `bench-${at}`);
        await ingest();
        const ours: number[] = [];
        const theirs: number[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          ours.push((await timed(ingest)).seconds);
          theirs.push((await timed(() => git(['ls-remote', '--symref', repository], { protocols: ['file'] }))).seconds);
        }
        rows.push({ what: await titleOf(repository), unit: 's', pivo: median(ours), beside: { name: 'ls-remote', value: median(theirs) }, allowed: 0.7 });
      }
      return rows;
    }),
};
