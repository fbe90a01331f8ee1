// The real engines that all suites of a test run share: started by the first that asks, ended with the run.
import { inject } from 'vitest';
import { enginePlaces, startHdfs, startKafka, startSpark, startTemporal, type Hdfs, type Kafka, type Spark, type Temporal } from '../../engines/index.ts';
import { removeTopics } from './topics.ts';

/** An engine that no suite may end. What a suite kills, it starts again: the next one finds the engine whole. */
export type Shared<Engine> = Omit<Engine, 'started' | 'stop'>;

const places = (): ReturnType<typeof enginePlaces> => enginePlaces(process.env, inject('enginesHome'));

/** NameNode and DataNode as two processes. A suite keeps to a folder of its own. */
export const sharedHdfs = (): Promise<Shared<Hdfs>> => startHdfs({ ...places(), separate: true });

/** A standalone cluster of one worker with two cores. */
export const sharedSpark = (): Promise<Shared<Spark>> => startSpark(places());

/** A dev server whose workflows live on over a restart. */
export const sharedTemporal = (): Promise<Shared<Temporal>> => startTemporal(places());

/** The current release, without any topic of PIVO: their names are fixed, so that only one suite at a time may use it (see vitest.config.ts). */
export async function sharedKafka(): Promise<Shared<Kafka>> {
  const broker = await startKafka(places());
  await removeTopics(broker.brokers);
  return broker;
}
