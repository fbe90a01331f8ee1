// Entry of a child process: reads the segments at argv[2], prints how many frames they have and its own peak memory in MB.
import { readSegment } from '../../spool/segment.ts';

let frames = 0;
for (const path of process.argv.slice(2)) for await (const batch of readSegment(path, { kind: 'event', signal: new AbortController().signal })) frames += batch.length;
process.stdout.write(`${frames} ${Math.round(process.resourceUsage().maxRSS / 1_000)}\n`);
