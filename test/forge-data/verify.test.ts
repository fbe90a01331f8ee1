// What was exported of a forge, in an archive in a folder.
import { forgeVerifySuite } from './suite.ts';

forgeVerifySuite();
