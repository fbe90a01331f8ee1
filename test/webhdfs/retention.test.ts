// Retention of an archive on real HDFS: the same promises.
import { openBackedUp } from '../reading/backed-up.ts';
import { retentionSuite } from '../retention/suite.ts';
import { hdfsUnderTest } from './hdfs.ts';

retentionSuite(async () => openBackedUp(await (await hdfsUnderTest()).archiveInHand()), { seeds: [5], steps: 8 });
