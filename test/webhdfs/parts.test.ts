// Parts of a verification of an archive on real HDFS: the same promises.
import { openBackedUp } from '../reading/backed-up.ts';
import { partsSuite } from '../scrub/suite.ts';
import { hdfsUnderTest } from './hdfs.ts';

partsSuite(async () => openBackedUp(await (await hdfsUnderTest()).archiveInHand()));
