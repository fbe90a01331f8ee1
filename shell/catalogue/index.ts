// All that PIVO knows a command for.
import type { Intent } from '../intent.ts';
import { FILES } from './files.ts';
import { GIT } from './git.ts';
import { HADOOP } from './hadoop.ts';
import { KAFKA } from './kafka.ts';
import { SPARK } from './spark.ts';
import { SYSTEM } from './system.ts';
import { TEMPORAL } from './temporal.ts';
import { TEXT } from './text.ts';

export const CATALOGUE: readonly Intent[] = [...FILES, ...TEXT, ...SYSTEM, ...GIT, ...HADOOP, ...KAFKA, ...SPARK, ...TEMPORAL];
