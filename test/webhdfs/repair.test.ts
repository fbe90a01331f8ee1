// Repairs of an archive on real HDFS: the same promises.
import { openBackedUp } from '../reading/backed-up.ts';
import { repairSuite } from '../repair/suite.ts';
import { hdfsUnderTest } from './hdfs.ts';

repairSuite(async () => openBackedUp(await (await hdfsUnderTest()).archiveInHand()));
