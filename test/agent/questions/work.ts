// Wishes for work: what must be submitted, with which arguments, and what must not.
import type { AskedQuestion } from './question.ts';

const RETRY = "{SELECT commit_hash FROM commits WHERE subject LIKE 'Retry the request%' AND repo_name = 'diary'}";
const STARTS = ['submit_restore_job', 'submit_ingest_job'];

export const WORK: readonly AskedQuestion[] = [
  { ask: `Restore the diary repo to commit ${RETRY} at /srv/restored/diary`, calls: [{ name: 'submit_restore_job', arguments: { repository: 'diary', point: RETRY, target: '/srv/restored/diary' } }], includes: ['pivo approve', 'a'.repeat(64)] },
  { ask: 'Restore Diary at v1 to https://example.org/ada/diary.git', calls: [{ name: 'submit_restore_job', arguments: { repository: 'diary', point: 'v1', target: 'https://example.org/ada/diary.git' } }] },
  { ask: 'Restore the diary repo to commit a1b2c3d', never: STARTS },
  { ask: 'Restore nonesuch at v1 to /srv/x', never: STARTS },
  { ask: 'Back up https://example.org/x/y.git', calls: [{ name: 'submit_ingest_job', arguments: { url: 'https://example.org/x/y.git' } }] },
  { ask: 'What is the status of ingest:diary?', calls: [{ name: 'get_job_status', arguments: { id: 'ingest:diary' } }], includes: ['completed'] },
  { ask: 'What waits for approval?', calls: [{ name: 'list_pending_approvals' }], includes: ['diary-0123456789'] },
  { ask: 'Document the pipeline in Diary', calls: [{ name: 'generate_documentation', arguments: { repository: 'diary' } }], includes: ['## Entry points', 'Python'] },
  { ask: 'Approve the restore diary-0123456789', never: STARTS },
];
