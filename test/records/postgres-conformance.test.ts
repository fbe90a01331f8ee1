// PostgreSQL behind the port RecordStore: the promises of all stores, by Debian's and by one that has pgvector.
import { afterAll, beforeAll, describe } from 'vitest';
import { openRecordStore } from '../../records/open.ts';
import { debianPostgres, startPostgres, vectorPostgres, type Postgres } from '../harness/postgres.ts';
import { recordStoreConformance } from './conformance.ts';

const [debian, vectors] = [await debianPostgres(), await vectorPostgres()];

describe.each([
  ['PostgreSQL of Debian', debian, vectors === debian ? null : 'this Debian has no pgvector'],
  ['PostgreSQL with pgvector', vectors === debian ? null : vectors, null],
] as const)('%s', (name, programs, withoutVectors) => {
  describe.skipIf(programs === null)('keeps what every store promises', () => {
    let postgres: Postgres | undefined;
    beforeAll(async () => {
      if (programs !== null) postgres = await startPostgres(programs);
    });
    afterAll(() => postgres?.close());

    recordStoreConformance(name, async () => {
      const settings = await (postgres as Postgres).database();
      return { open: () => openRecordStore(settings), withoutVectors, remove: () => Promise.resolve() };
    });
  });
});
