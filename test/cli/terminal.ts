// `./pivo` on a terminal: keys go in, and what the screen was sent comes out.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from './run-pivo.ts';

export interface Terminal {
  /** Resolves when the text was shown after what the last call waited for; fails with the screen when PIVO ended before. */
  shown(text: string): Promise<void>;
  type(keys: string): void;
  /** The exit code. */
  ended: Promise<number | null>;
  /** All that was shown, without colours. */
  screen(): string;
}

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';

const open = new Set<ChildProcess>();

/** Ends what a test that failed left open. */
export function closeTerminals(): void {
  for (const child of open) child.kill('SIGKILL');
  open.clear();
}

const PTY = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';

export function onTerminal(args: string[], home: string, env: NodeJS.ProcessEnv = {}): Terminal {
  const { TEMPORAL_ADDRESS: _address, ...inherited } = process.env;
  const child = spawn('python3', ['-c', PTY, join(ROOT, 'pivo'), ...args], { env: { ...inherited, TERM: 'xterm', NO_COLOR: '', ...env, PIVO_HOME: home }, cwd: home });
  open.add(child);
  let [text, from, isOver] = ['', 0, false];
  let look = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    look();
  });
  child.stdin.on('error', () => {}); // it may have ended
  const ended = new Promise<number | null>((done) => child.once('close', done)).finally(() => {
    isOver = true;
    open.delete(child);
    look();
  });
  const screen = (): string => stripVTControlCharacters(text).replaceAll('\r', '');
  const shown = (wanted: string): Promise<void> =>
    new Promise((resolve, reject) => {
      look = () => {
        const at = screen().indexOf(wanted, from);
        if (at < 0) return isOver ? reject(new Error(`"${wanted}" was never shown:\n${screen()}`)) : undefined;
        from = at + wanted.length;
        look = () => {};
        resolve();
      };
      look();
    });
  return { shown, type: (keys) => void child.stdin.write(keys), ended, screen };
}
