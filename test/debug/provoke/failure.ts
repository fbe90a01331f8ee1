// A failure that can be made again: its name, and how real software is brought to say it.
import type { Lab } from './lab.ts';

export interface Failure {
  /** Name of its log, `failures/{name}.log`. */
  name: string;
  /** What the software said, in the order in which it said it. */
  provoke(lab: Lab): Promise<string>;
}
