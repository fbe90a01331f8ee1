// Group commit: frames that come within a few milliseconds share one segment, one write and one fsync.
import { PivoError } from '../contract/failures.ts';
import type { Frame, SpoolKind } from '../contract/spool.ts';
import type { Spool } from './folders.ts';
import { encodeFrame } from './frame.ts';
import { LIMITS } from './limits.ts';

export interface SpoolWriterOptions {
  /** How long the first frame waits for others. */
  windowMs: number;
  /** Frames of one segment. */
  maxFrames: number;
}

export interface SpoolWriter {
  /**
   * Returns when the frame's segment is durable and waits in incoming/. Fails with InvalidInput for a bad frame, with Unavailable
   * when too many wait already, and with what the file system failed with: the frame is not in the spool then.
   */
  append(frame: Frame): Promise<void>;
  /** Lands what waits, and takes no more. */
  close(): Promise<void>;
}

interface Waiting {
  bytes: Uint8Array;
  done: PromiseWithResolvers<void>;
}

/** How many frames, and how many of their bytes, may wait for the disk. */
const MOST_WAITING = 20_000;
const MOST_BYTES = LIMITS.segment / 2;

/** A writer of frames of one kind; a process has one for each kind that it writes. */
export function openSpoolWriter(spool: Pick<Spool, 'land'>, kind: SpoolKind, { windowMs, maxFrames }: SpoolWriterOptions): SpoolWriter {
  const waiting: Waiting[] = [];
  let bytes = 0;
  let closed = false;
  let running: Promise<void> | null = null;

  const check = (size: number): void => {
    if (closed) throw new PivoError('Unavailable', 'the spool is being closed', { hint: 'Send it again when PIVO has started.' });
    if (waiting.length >= MOST_WAITING || bytes + size > MOST_BYTES) throw new PivoError('Unavailable', `${waiting.length} frames wait for the disk already`, { hint: 'Send it again in a moment.', facts: { waiting: waiting.length, bytes } });
  };
  const landNext = async (): Promise<void> => {
    const group = waiting.splice(0, maxFrames);
    bytes -= group.reduce((sum, frame) => sum + frame.bytes.length, 0);
    await spool.land(kind, group.map((frame) => frame.bytes)).then(
      () => group.forEach(({ done }) => done.resolve()),
      (error: unknown) => group.forEach(({ done }) => done.reject(error)),
    );
  };
  const drain = async (): Promise<void> => {
    await pause(windowMs);
    while (waiting.length > 0) await landNext(); // what came during one write shares the next
    running = null;
  };
  return {
    append: async (frame) => {
      if (frame.kind !== kind) throw new PivoError('InvalidInput', `the frame is of kind ${frame.kind}, not ${kind}`);
      const encoded = encodeFrame(frame);
      check(encoded.length);
      const done = Promise.withResolvers<void>();
      waiting.push({ bytes: encoded, done });
      bytes += encoded.length;
      running ??= drain();
      return done.promise;
    },
    close: async () => {
      closed = true;
      await running;
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
