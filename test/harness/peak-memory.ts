// Entry of a child process: ingests and restores the repository at argv[2] below argv[3] and prints its own peak memory in MB.
import { join } from 'node:path';
import { openIngest } from './ingest.ts';
import { restoreTo } from './restore.ts';

const [, , origin = '', dir = ''] = process.argv;
const harness = await openIngest(join(dir, 'home'));
await harness.ingest(origin, 'measured');
await restoreTo(harness.deps, 'measured', join(dir, 'restored.git'));
await harness.close();
process.stdout.write(`${Math.round(process.resourceUsage().maxRSS / 1000)}\n`);
