// Writes engines.json while other processes write theirs.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './files.ts';
import { withLock } from './lock.ts';
import { readRecord, recordFile, type EngineName, type Recorded } from './record.ts';

/** Replaces one engine's part of the record; undefined removes it. Safe while other processes write theirs. */
export async function writeRecord<Name extends EngineName>(home: string, name: Name, entry: Recorded<Name> | undefined): Promise<void> {
  await withLock(join(home, 'locks', 'record'), undefined, async () => {
    const { [name]: _former, ...others } = readRecord(home);
    const record = entry === undefined ? others : { ...others, [name]: entry };
    if (Object.keys(record).length === 0) rmSync(recordFile(home), { force: true });
    else writeWhole(recordFile(home), `${JSON.stringify(record, null, 2)}\n`);
  });
}
