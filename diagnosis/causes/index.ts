// All causes that PIVO knows, and whose logs may prove them.
import type { FailureKind } from '../../contract/failures.ts';
import type { LogSystem } from '../../contract/logs.ts';
import type { Cause } from '../cause.ts';
import { AIRFLOW } from './airflow.ts';
import { GIT } from './git.ts';
import { HDFS } from './hdfs.ts';
import { KAFKA } from './kafka.ts';
import { MACHINE } from './machine.ts';
import { PIVO } from './pivo.ts';
import { PYTHON } from './python.ts';
import { SPARK } from './spark.ts';
import { TEMPORAL } from './temporal.ts';

interface Group {
  causes: readonly Cause[];
  /** Systems whose logs can prove them; missing: any. What PIVO's log quotes of git is a failure of PIVO's run. */
  systems?: readonly LogSystem[];
}

const GROUPS: readonly Group[] = [
  { causes: SPARK, systems: ['spark', 'airflow', 'other', 'pivo'] },
  { causes: PYTHON, systems: ['spark', 'airflow', 'other'] },
  { causes: HDFS },
  { causes: KAFKA },
  { causes: TEMPORAL },
  { causes: AIRFLOW, systems: ['airflow', 'other'] },
  { causes: PIVO, systems: ['pivo'] },
  { causes: GIT, systems: ['other', 'airflow'] },
  { causes: MACHINE },
];

export const CAUSES: readonly Cause[] = GROUPS.flatMap(({ causes }) => causes);

/** The causes that a log of that system may prove. */
export const causesOf = (system: LogSystem): readonly Cause[] => GROUPS.filter(({ systems }) => systems === undefined || systems.includes(system)).flatMap(({ causes }) => causes);

/** The cause that a kind of PIVO's own failures is; null where the kind alone does not tell. */
export const causeOfKind = (kind: FailureKind): Cause | null => CAUSES.find(({ kinds }) => kinds?.includes(kind) === true) ?? null;
