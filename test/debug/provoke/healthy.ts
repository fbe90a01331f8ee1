// Runs without a failure, whose logs name errors all the same: no cause may be read into them.
import { join } from 'node:path';
import { dagRun } from './airflow.ts';
import type { Failure } from './failure.ts';
import { git, origin } from './git.ts';
import { submit } from './spark.ts';

export const FAILURES: readonly Failure[] = [
  { name: 'healthy-spark', provoke: async (lab) => submit(lab, 'steady', join(await lab.fresh(), 'out')) },
  dagRun('healthy-airflow', 'healthy_dag'),
  {
    name: 'healthy-git',
    provoke: async (lab) => {
      const { bare, root } = await origin(lab, 'holidays');
      return `${await git(lab, root, 'clone', bare, join(root, 'copy'))}${await git(lab, join(root, 'copy'), 'push', 'origin', 'main')}${await git(lab, bare, 'fsck')}`;
    },
  },
];
