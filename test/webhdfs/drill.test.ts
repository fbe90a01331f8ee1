// Restore drills of an archive on real HDFS: the same promises.
import { drillSuite } from '../drill/suite.ts';
import { openBackedUp } from '../reading/backed-up.ts';
import { hdfsUnderTest } from './hdfs.ts';

drillSuite(async () => openBackedUp(await (await hdfsUnderTest()).archiveInHand()));
