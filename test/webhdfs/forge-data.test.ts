// What was exported of a forge, in an archive on real HDFS: the same promises.
import { forgeVerifySuite } from '../forge-data/suite.ts';
import { hdfsUnderTest } from './hdfs.ts';

forgeVerifySuite(async () => (await hdfsUnderTest()).archiveInHand());
