// Repairs of an archive on this machine.
import { openBackedUp } from '../reading/backed-up.ts';
import { repairSuite } from './suite.ts';

repairSuite(() => openBackedUp());
