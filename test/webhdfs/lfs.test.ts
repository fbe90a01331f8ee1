// Objects of Git LFS in an archive on real HDFS: the same promises.
import { lfsSuite } from '../lfs/suite.ts';
import { hdfsUnderTest } from './hdfs.ts';

lfsSuite(async () => (await hdfsUnderTest()).archiveInHand());
