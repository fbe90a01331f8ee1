// What every forge behind the port Forge promises, asked of a fake of it over real HTTP.
import { describe } from 'vitest';
import { commitsOf } from './commits.ts';
import { failuresOf } from './failures.ts';
import { groundOf, type Conformance } from './ground.ts';
import { readingOf } from './reading.ts';

export function conformance(forge: Conformance): void {
  describe('behind the port', () => {
    const ground = groundOf(forge);
    readingOf(ground);
    commitsOf(ground);
    failuresOf(ground);
  });
}
