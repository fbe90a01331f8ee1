// Brings up real HDFS, Kafka, Spark and Temporal on loopback, for tests and for trying PIVO out.
export { hdfsShell, startHdfs, type Hdfs } from './hdfs.ts';
export { startKafka, type Kafka } from './kafka.ts';
export { enginePlaces } from './places.ts';
export { runningEngines, type HdfsAddress, type KafkaAddress, type KafkaVersion } from './record.ts';
export { sparkEnvironment } from './spark-config.ts';
export { startSpark, type Spark } from './spark.ts';
export { startTemporal, type Temporal } from './temporal.ts';
export { missingTools } from './tools.ts';
