// How far an operation is: one moving line on a terminal, one line a phase elsewhere; always on stderr.
import type { Progress } from '../../contract/ingest.ts';
import { count, size } from './format.ts';

export interface ProgressDisplay {
  /** Says on a terminal what was begun, before there is anything to count. */
  begin(phase: string): void;
  show(progress: Progress): void;
  /** Removes the moving line, so that other output can follow. */
  clear(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_EVERY = 80;
const BAR = 24;

/** `quiet` shows nothing at all. */
export function progressDisplay(stream: NodeJS.WriteStream, quiet: boolean, colour: boolean): ProgressDisplay {
  if (quiet) return { begin: () => {}, show: () => {}, clear: () => {} };
  return stream.isTTY ? movingLine(stream, colour) : plainLines(stream);
}

function plainLines(stream: NodeJS.WriteStream): ProgressDisplay {
  let last = '';
  return {
    begin: () => {},
    show: ({ phase }) => {
      if (phase !== last) stream.write(`${phase} …\n`);
      last = phase;
    },
    clear: () => {},
  };
}

function movingLine(stream: NodeJS.WriteStream, colour: boolean): ProgressDisplay {
  let current: Progress | undefined;
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    if (current === undefined) return;
    frame = (frame + 1) % FRAMES.length;
    const text = `${FRAMES[frame]} ${progressText(current)}`.slice(0, Math.max(10, stream.columns - 1));
    stream.write(`\r\u001B[2K${colour ? text.replace(/^./u, '\u001B[36m$&\u001B[0m') : text}`);
  };
  const show = (progress: Progress): void => {
    current = progress;
    if (timer !== undefined) return;
    timer = setInterval(draw, FRAME_EVERY).unref();
    draw();
  };
  return {
    begin: (phase) => show({ phase }),
    show,
    clear: () => {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      current = undefined;
      stream.write('\r\u001B[2K');
    },
  };
}

/** `fetch  ████░░░░  1,200 of 5,000  3.1 MB`. */
export function progressText({ phase, done, total, bytes }: Progress): string {
  const parts = [phase];
  if (done !== undefined && total !== undefined && total > 0) {
    const filled = Math.min(BAR, Math.round((done / total) * BAR));
    parts.push(`${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`, `${count(done)} of ${count(total)}`);
  } else if (done !== undefined) parts.push(count(done));
  if (bytes !== undefined) parts.push(size(bytes));
  return parts.join('  ');
}
