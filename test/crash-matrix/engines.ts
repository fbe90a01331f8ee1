// Real HDFS and Kafka for `npm run crashes -- --engines`, in a folder of their own, ended with the runs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enginePlaces, startHdfs, startKafka } from '../../engines/index.ts';
import { removeTopics } from '../harness/topics.ts';
import type { CrashEngines } from './stack.ts';

interface OwnEngines extends CrashEngines {
  /** Forgets what was published. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts both. They end with `stop`, and when this process is asked to end. */
export async function startCrashEngines(): Promise<OwnEngines> {
  const home = await mkdtemp(join(tmpdir(), 'pivo-crash-engines-'));
  const places = enginePlaces(process.env, home);
  const [hdfs, kafka] = await Promise.all([startHdfs({ ...places, separate: true }), startKafka(places)]);
  const stop = async (): Promise<void> => {
    await Promise.all([hdfs.stop(), kafka.stop()]);
    await rm(home, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().finally(() => process.exit(1)));
  return { hdfs, kafka, empty: () => removeTopics(kafka.brokers), stop };
}
