// Objects of Git LFS in an archive in a folder.
import { lfsSuite } from './suite.ts';

lfsSuite();
