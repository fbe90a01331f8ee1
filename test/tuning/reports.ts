// Reports of logs, for tests.
import { fileURLToPath } from 'node:url';
import type { TuningReport } from '../../contract/tuning.ts';
import { readEventLog, readEventStream } from '../../tuning/event-log.ts';
import { reportOf } from '../../tuning/report.ts';
import { eventLog, type ApplicationLike } from './generated.ts';

const reading = { signal: new AbortController().signal };

export const fixturePath = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.zstd`, import.meta.url));

export const reportAt = async (path: string, application?: string): Promise<TuningReport> => reportOf(await readEventLog(path, application, reading));

export async function* inPieces(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const reportOfText = async (text: string | Uint8Array, size?: number): Promise<TuningReport> => reportOf(await readEventStream(inPieces(Buffer.from(text), size), reading));

export const reportOfMade = (application: ApplicationLike): Promise<TuningReport> => reportOfText(eventLog(application));

/** The rules that fired. */
export const rulesOf = ({ findings }: TuningReport): string[] => findings.map(({ rule }) => rule);
