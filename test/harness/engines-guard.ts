// Ends the engines and servers of a test run, by process id, when the run is over or was killed: its stdin ends with the run's process.
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { endGuarded } from './guarded.ts';

const [home = ''] = process.argv.slice(2);
await once(process.stdin.resume(), 'end');
const [{ stopEngine }, { ENGINES }] = await Promise.all([import('../../engines/engine.ts'), import('../../engines/record.ts')]); // what a run without engines never needs before
await Promise.all(ENGINES.map((name) => stopEngine(home, name)));
await endGuarded(home);
await rm(home, { recursive: true, force: true, maxRetries: 3 });
