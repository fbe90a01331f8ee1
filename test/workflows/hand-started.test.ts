// Starts typed by hand, through the real Temporal CLI.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingestWorkflowId } from '../../contract/names.ts';
import { ingestActs } from '../harness/ingest-acts.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
let worker: TestWorker;
const taskQueue = unique('queue');

beforeAll(async () => {
  temporal = await startTemporal();
  worker = await startWorker(temporal, { taskQueue, standIns: ingestActs().standIns });
});

afterAll(async () => {
  await worker.stop();
  await temporal.stop();
});

async function execute(input: string | null, type = 'ingest'): Promise<{ code: number; status: string; message: string; result: Record<string, unknown>; text: string }> {
  const answer = await temporal.run('workflow', 'execute', '--type', type, '--task-queue', taskQueue, '--workflow-id', unique('hand'), '--output', 'json', ...(input === null ? [] : ['--input', input]));
  const end = JSON.parse(answer.stdout) as { status: string; result?: Record<string, unknown>; closeEvent: { workflowExecutionFailedEventAttributes?: { failure: { message: string } } } };
  return { code: answer.code, status: end.status, message: end.closeEvent.workflowExecutionFailedEventAttributes?.failure.message ?? '', result: end.result ?? {}, text: answer.stdout };
}

describe('an ingest started by hand', () => {
  it('needs a URL only, and is named after it', async () => {
    const name = unique('execa');
    const { code, status, result } = await execute(JSON.stringify({ url: `https://host.example/owner/${name}.git` }));
    expect({ code, status }).toEqual({ code: 0, status: 'COMPLETED' });
    expect(result).toMatchObject({ repository: name, visit: 1, events: 2 });
  });

  it('of a path in a URL holds the name that the path has, so that no other run of it goes on beside it', async () => {
    const name = unique('my-repo');
    expect((await execute(JSON.stringify({ url: `file:///srv/git/${name.replace('-', '%20')}.git` }))).result).toMatchObject({ repository: name });
    expect((await temporal.client.workflow.getHandle(ingestWorkflowId(name)).describe()).status.name).toBe('COMPLETED');
  });

  it('takes the name that it is given', async () => {
    const name = unique('named');
    expect((await execute(JSON.stringify({ url: 'https://host.example/owner/execa.git', name }))).result).toMatchObject({ repository: name });
  });

  it.each([
    ['nothing at all', null, 'ingest input: '],
    ['a text instead of an object', '"https://host.example/a.git"', 'ingest input: '],
    ['no URL', '{}', 'url: '],
    ['a URL that is no text', '{"url": 7}', 'url: '],
    ['a field that there is not', '{"url": "https://host.example/a.git", "ur": 1}', '"ur"'],
    ['a name that cannot be a folder', '{"url": "https://host.example/a.git", "name": "../x"}', 'name: '],
    ['a secret in place of a credential\'s name', '{"url": "https://host.example/a.git", "credential": "a secret!"}', 'credential: '],
    ['a limit below one', '{"url": "https://host.example/a.git", "limits": {"bytes": 0}}', 'limits.bytes: '],
    ['more seconds than a timer can count', '{"url": "https://host.example/a.git", "limits": {"seconds": 3000000}}', 'limits.seconds: '],
    ['a checkout policy that there is not', '{"url": "https://host.example/a.git", "checkout": "all"}', 'checkout: '],
    ['a URL that gives no name', '{"url": "https://host.example/"}', 'name: '],
  ])('fails at once and names the field: %s', async (_what, input, named) => {
    const { code, status, message } = await execute(input);
    expect({ code, status }).toEqual({ code: 1, status: 'FAILED' });
    expect(message).toContain(named);
  });

  it('never makes a name, and so a workflow id, of the user part of a URL', async () => {
    const { message, status } = await execute('{"url": "https://ada:hunter2@host.example"}');
    expect(status).toBe('FAILED');
    expect(message).not.toContain('hunter2');
    expect((await temporal.run('workflow', 'list', '--output', 'json')).stdout).not.toContain('hunter2');
  });

  it('fails at once with the list of types when the type is not known', async () => {
    const { status, message } = await execute('{}', 'backup');
    expect(status).toBe('FAILED');
    expect(message).toMatch(/^there is no workflow type "backup"\nTypes: ingest, restore, [\w, ]+\.$/);
  });
});
