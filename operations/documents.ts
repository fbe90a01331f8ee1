// Operation `documents`: the documentation that was generated and kept.
import { z } from 'zod';
import { RepositoryName } from '../contract/names.ts';
import { listDocuments, type DocumentSummary } from '../state/documents.ts';
import { defineOperation } from './operation.ts';

export interface Documents {
  documents: DocumentSummary[];
}

export const documents = defineOperation({
  name: 'documents',
  description: 'Lists the documentation that was generated, the latest first: of which repository, commit and path, by whom and when.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional(), limit: z.number().int().positive().max(10_000).default(50) }),
  run: ({ paths }, { repository, limit }): Promise<Documents> => Promise.resolve({ documents: listDocuments(paths.state, repository, limit) }),
});
