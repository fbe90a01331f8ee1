// Entry: the process that loads segments, dying where it is told to; with it its worker, where the last argument is `both`.
import { Reaper, parseDeath, reapCommits } from './death.ts';

const [folder = '', death = '', whom = ''] = process.argv.slice(2);
reapCommits(new Reaper(folder, parseDeath(death), whom === 'both' ? [process.ppid, process.pid] : [process.pid]));
await import('../../records/load-process.ts');
