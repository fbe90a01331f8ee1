// A judgement of one command: how much it can do, and why.
import { worse, type Risk } from '../intent.ts';

export interface Judgement {
  risk: Risk;
  why: string;
}

export const reads = (why = 'it only reads'): Judgement => ({ risk: 'reads', why });
export const changes = (why: string): Judgement => ({ risk: 'changes', why });
export const destroys = (why: string): Judgement => ({ risk: 'destroys', why });

/** The worst of several; of equal ones the first. */
export function worst(judgements: readonly Judgement[]): Judgement {
  return judgements.reduce((a, b) => (worse(a.risk, b.risk) === a.risk ? a : b), reads());
}

/** Judges the arguments of one program; null stands for a word that is known only when it runs. */
export type Judge = (args: readonly Argument[]) => Judgement;
export type Argument = string | null;

export const has = (args: readonly Argument[], ...flags: string[]): boolean => args.some((arg) => arg !== null && flags.some((flag) => arg === flag || (flag.startsWith('--') && arg.startsWith(`${flag}=`))));

/** True for a letter among short options that are written together, such as the `f` of `-rf`. */
export const hasLetter = (args: readonly Argument[], letters: string): boolean => args.some((arg) => arg !== null && /^-[A-Za-z]+$/.test(arg) && arg.slice(1).split('').some((letter) => letters.includes(letter)));

/** Arguments that are no options. */
export const plainOf = (args: readonly Argument[]): string[] => args.filter((arg): arg is string => arg !== null && !arg.startsWith('-'));
