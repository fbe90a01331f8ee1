// Brings a file of the reader's into the log index, and tells what became of it.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { IngestLogsSummary, IngestedLog } from '../../../contract/logs.ts';
import type { Job } from '../../../operations/jobs.ts';
import type { StartedRun } from '../../../operations/started-run.ts';
import { ApiFailure, get, resource, send } from '../api/client.ts';
import { count, many, shown } from '../format.ts';
import { at } from '../route.ts';
import { Command } from './command.tsx';
import { useRun } from './follow.ts';
import { Field, Form, fieldOf, useAct } from './form.tsx';
import { ProgressBar } from './running.tsx';
import { Failure } from './state.tsx';

/** Packed files by their names; the server looks at the content itself. */
const TYPES: [end: string, type: string][] = [['.zst', 'application/zstd'], ['.gz', 'application/gzip']];

const typeOf = (name: string): string => TYPES.find(([end]) => name.endsWith(end))?.[1] ?? 'application/octet-stream';

/** `onRead` is told when something new may be in the index. */
export function LogUpload({ onRead }: { onRead: () => void }): JSX.Element {
  const [workflow, setWorkflow] = useState('');
  const [summary, setSummary] = useState<IngestLogsSummary | null>(null);
  const act = useAct();
  const end = async (): Promise<void> => {
    const { result, failure } = await get<Job>(['jobs', workflow]);
    setWorkflow('');
    if (failure !== undefined) throw new ApiFailure(200, failure);
    setSummary(result as IngestLogsSummary);
    onRead();
  };
  const { progress, failure } = useRun(workflow, () => void act.run(end));
  const start = async (form: HTMLFormElement): Promise<void> => {
    setSummary(null);
    setWorkflow((await sent(form)).workflowId);
    form.reset();
  };
  const busy = act.busy || workflow !== '';
  return (
    <div class="pad stack">
      <Form label="Upload a log" onSend={(form) => void act.run(() => start(form))}>
        <div class="inline">
          <div class="grow"><Field label="File" hint="Text, JSON lines, .gz or .zst, up to 2 GiB. Secrets are removed before anything is stored."><input type="file" name="log" required /></Field></div>
          <Field label="Run it belongs to" hint="Empty where its lines tell."><input name="run" maxLength={300} placeholder="application_17000…" spellcheck={false} autocomplete="off" /></Field>
          <button disabled={busy}>{busy ? 'Reading…' : 'Upload'}</button>
        </div>
      </Form>
      {(act.failure ?? failure) !== null && <Failure of={(act.failure ?? failure) as ApiFailure} />}
      {workflow !== '' && <ProgressBar of={progress ?? { phase: 'reading' }} />}
      {summary !== null && <Read of={summary} />}
      <p class="quiet small">Larger files, and whole folders, from a shell:</p>
      <Command text="pivo upload PATH" />
    </div>
  );
}

async function sent(form: HTMLFormElement): Promise<StartedRun> {
  const file = new FormData(form).get('log');
  if (!(file instanceof File)) throw new Error('a form without its file');
  const response = await send(resource(['upload-logs'], { name: file.name, run: fieldOf(form, 'run'), wait: false }), { method: 'POST', body: file, headers: { 'content-type': typeOf(file.name), accept: 'application/json' } });
  return (await response.json()) as StartedRun;
}

function Read({ of: { logs, refused } }: { of: IngestLogsSummary }): JSX.Element {
  return (
    <div class={`note ${refused.length > 0 ? 'warn' : 'good'}`} role="status">
      {logs.map((log) => <ReadLog key={log.source} of={log} />)}
      {refused.map(({ name, reason }) => <p key={name}><strong>{shown(name)} was not read</strong>: {shown(reason)}</p>)}
    </div>
  );
}

function ReadLog({ of: { name, source, outcome, system, lines, entries } }: { of: IngestedLog }): JSX.Element {
  const became = outcome === 'known' ? 'was there before; nothing was added' : `${many(entries, 'entry', 'entries')} of ${count(lines)} lines, ${system}`;
  return <p><strong>{shown(name)}</strong>: {became}. <a href={at(['logs'], { source })}>Show it</a></p>;
}
