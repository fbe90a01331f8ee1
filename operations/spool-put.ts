// Operation `spool-put`: puts frames into the spool, as JSON, as lines or as a ready segment.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { SpoolKind } from '../contract/spool.ts';
import type { WrittenSegment } from '../spool/landing.ts';
import { placesOf } from '../spool/places.ts';
import { putBytes, putJson } from '../spool/put.ts';
import { defineOperation, type OperationContext, type RunOptions } from './operation.ts';

/** A frame as people write it; what a payload holds depends on the kind and is checked with the frame. */
const WrittenFrame = z.strictObject({
  kind: SpoolKind.optional().describe('May be left out; no other than that of all.'),
  key: z.string().describe('What belongs together: a repository, a host, the name of a metric.'),
  time: z.number().describe('Milliseconds since 1970, UTC.'),
  id: z.string().optional().describe('The idempotency id; default: the SHA-256 of kind, key, time and payload.'),
  payload: z.record(z.string(), z.unknown()),
});

const SpoolPutInput = z.strictObject({
  kind: SpoolKind,
  frames: z.array(WrittenFrame).min(1).max(100_000).optional(),
  file: z.string().min(1).max(4_096).optional().describe('A segment or a file of JSON lines on this machine; for its owner only.'),
});

export interface SpoolPut {
  kind: SpoolKind;
  frames: number;
  segments: WrittenSegment[];
}

export const spoolPut = defineOperation({
  name: 'spool-put',
  description: 'Puts frames of one kind into the spool, durable when it answers: as JSON, or as a body that is a segment (MessagePack) or JSON lines, packed with gzip or Zstandard too. One bad frame, and nothing was put.',
  kind: 'starts',
  input: SpoolPutInput,
  async run(context, { kind, frames, file }, options): Promise<SpoolPut> {
    const places = placesOf(context.paths.spool);
    const source = await sourceOf(context, file, options);
    if ((source === undefined) === (frames === undefined)) throw new PivoError('InvalidInput', 'either frames are put, or a file or body that holds them', { hint: 'Give `frames`, or send a segment or JSON lines as the body.' });
    const segments = source === undefined ? await putJson(places, kind, frames ?? []) : await putBytes(places, kind, source, { signal: options.signal, onFrames: (done, bytes) => options.onProgress({ phase: 'put', done, bytes }) });
    return { kind, frames: segments.reduce((sum, segment) => sum + segment.frames, 0), segments };
  },
});

/** The bytes that came, or those of a file. Fails with NotAllowed where another door than the owner's command line names a file. */
async function sourceOf({ caller }: OperationContext, file: string | undefined, { body }: RunOptions): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (file === undefined) return body;
  if (!caller.owner || caller.via !== 'cli') throw new PivoError('NotAllowed', 'only the owner of this home may have files of its machine read', { hint: 'Send the frames instead, or run `pivo spool put` on that machine.' });
  try {
    await (await open(file, 'r')).close();
  } catch (error) {
    throw new PivoError('NotFound', `${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return createReadStream(file) as AsyncIterable<Uint8Array>;
}
