// A problem in words that fit one line of a terminal, and the place of it.
import type { PipelineProblem } from '../../contract/pipeline.ts';

export type CheckName = PipelineProblem['check'];
export type Severity = PipelineProblem['severity'];

/** A file and a line of it, counted from 1. */
export interface Place {
  path: string;
  line: number | null;
}

const LONGEST = 400;

/** Control characters and line breaks of hostile names become `?`, so that no problem can draw on a terminal or look like two. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, '?');

/** What `check` has against a place; the message is cut where it is long. */
export function problem(check: CheckName, severity: Severity, { path, line }: Place, message: string): PipelineProblem {
  const said = printable(message);
  return { check, severity, path: printable(path), line, message: said.length > LONGEST ? `${said.slice(0, LONGEST)}…` : said };
}

/** Makes problems of one check, and drops those that were told before. */
export class Problems {
  readonly list: PipelineProblem[] = [];
  readonly #check: CheckName;
  readonly #told = new Set<string>();
  readonly #count = { error: 0, warning: 0 };

  constructor(check: CheckName) {
    this.#check = check;
  }

  error(place: Place, message: string): void {
    this.#add('error', place, message);
  }

  warning(place: Place, message: string): void {
    this.#add('warning', place, message);
  }

  #add(severity: Severity, place: Place, message: string): void {
    const told = `${place.path}\n${place.line}\n${message}`;
    if (this.#told.has(told) || this.#count[severity] > MOST) return;
    this.#told.add(told);
    this.#count[severity] += 1;
    this.list.push(problem(this.#check, severity, place, this.#count[severity] > MOST ? `and more: only the first ${MOST} are told` : message));
  }
}

/** Errors, and warnings, of one check: nobody reads more. Each is counted for itself, so that no warning hides an error. */
const MOST = 200;
