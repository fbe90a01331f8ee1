// Entry of a child process: exports the fake GitHub at argv[2] below argv[3] and prints the records and its own peak memory in MB.
import { openExporting } from './exporting.ts';
import type { FakeForge } from '../forges/fake-forge.ts';

const [, , web = '', folder = ''] = process.argv;
const exporting = await openExporting(folder, { web, api: `${web}/api/v3` } as FakeForge, 'github');
const { records } = await exporting.run();
await exporting.close();
process.stdout.write(JSON.stringify({ records, megabytes: Math.round(process.resourceUsage().maxRSS / 1000) }));
