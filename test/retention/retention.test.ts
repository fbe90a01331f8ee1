// Retention of an archive on files.
import { openBackedUp } from '../reading/backed-up.ts';
import { retentionSuite } from './suite.ts';

retentionSuite(() => openBackedUp(), { seeds: [1, 2], steps: 9 });
