// Where an answer is shown: the terminal with its width, or a plain stream.
import type { Session } from '../session.ts';
import type { Screen } from './markdown.ts';

const WIDTH_UNKNOWN = 80;

export function answerScreen({ style, progress }: Session): Screen {
  const { stdout } = process;
  return {
    write: (text) => {
      progress.clear();
      stdout.write(text);
    },
    style,
    columns: stdout.isTTY ? stdout.columns || WIDTH_UNKNOWN : null,
  };
}
