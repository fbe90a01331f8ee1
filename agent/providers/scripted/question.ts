// A question that the scripted provider knows: how it is asked, and the script that answers.
import type { Script } from './script.ts';
import { NO_NAME, WHEN } from './times.ts';

/** What a question names, by the words of its pattern. */
export type Words = Readonly<Record<string, string | undefined>>;

export interface Question {
  /** As a person asks it, for the list that `help` prints. */
  example: string;
  /** Any of these matches; placeholders are those of PLACES. */
  patterns: readonly RegExp[];
  /** The patterns read the words as they were typed, not as `plainQuestion` leaves them. */
  verbatim?: true;
  script(words: Words): Script;
}

const PLACES: Record<string, string> = {
  repo: String.raw`(?:the )?(?:repo(?:sitory)? )?${NO_NAME}(?<repo>[A-Za-z0-9][\w.-]*)(?: repo(?:sitory)?)?`,
  file: String.raw`(?:the )?(?:file |folder |directory )?(?<file>[^\s?]+)`,
  point: String.raw`(?:the )?(?:commit |tag |branch |version |snapshot |visit )?(?<point>[^\s?]+)`,
  person: String.raw`(?<person>[^\s?][^?]*?)`,
  when: WHEN,
};

/** A pattern over the whole question: `{repo}`, `{file}`, `{point}`, `{person}` and `{when}` are places, a blank is one blank. */
export function asked(text: string): RegExp {
  return new RegExp(`^(?:${text.replaceAll(/\{(repo|file|point|person|when)\}/g, (_, place: string) => PLACES[place] ?? '')})$`, 'i');
}

/** A question as patterns read it: one line, without courtesy, marks and quotes around names. */
export function plainQuestion(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('`', '')
    .trim()
    .replace(/(?<![\s?!.])[\s?!.]+$/, '') // looked for at the beginning of each run only: time grows with the length
    .replace(/^(?:hey|hi|hello)?[, ]*(?:please |can you |could you |tell me |i want to know |i would like to (?:see|know) )*/i, '')
    .replace(/,? (?:please|and why)$/i, '')
    .replace(/,$/, '');
}
