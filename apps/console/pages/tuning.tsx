// Tuning of a Spark application: an event log is dropped here, or a history server asked; findings, template and plots.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ExplainedReport } from '../../../contract/tuning.ts';
import { post, resource, send } from '../api/client.ts';
import { AssistantPage } from '../parts/assistant.tsx';
import { Field, Form, fieldOf, useAct } from '../parts/form.tsx';
import { Card } from '../parts/page.tsx';
import { Empty, Failure, Skeleton } from '../parts/state.tsx';
import { TuningView } from '../parts/tuning-report.tsx';

const TYPES: [end: string, type: string][] = [['.zst', 'application/zstd'], ['.zstd', 'application/zstd'], ['.gz', 'application/gzip']];

const typeOf = (name: string): string => TYPES.find(([end]) => name.endsWith(end))?.[1] ?? 'application/x-ndjson';

export default function Tuning(): JSX.Element {
  const [report, setReport] = useState<ExplainedReport | null>(null);
  const act = useAct();
  const ask = (load: () => Promise<ExplainedReport>): Promise<void> => act.run(async () => setReport(await load()));
  return (
    <AssistantPage title="Spark tuning" about="What an application’s own event log says of skew, spills, memory, partitions and idle executors.">
      <div class="cards two">
        <Card title="An event log">
          <div class="pad"><Form label="Event log" onSend={(form) => void ask(() => sent(fileOf(form)))}>
            <Field label="File" hint="As Spark writes it, also .zst or .gz; a rolling log’s files one at a time."><input type="file" name="log" required /></Field>
            <div class="row"><button class="primary" disabled={act.busy}>Read it</button></div>
          </Form></div>
        </Card>
        <Card title="The history server">
          <div class="pad"><Form label="History server" onSend={(form) => void ask(() => post<ExplainedReport>(['optimize-resources'], given(form)))}>
            <Field label="Application" hint="Of the history server that config.toml names; empty where it has only one."><input name="application" maxLength={200} placeholder="app-20261121…" spellcheck={false} autocomplete="off" /></Field>
            <div class="row"><button disabled={act.busy}>Ask it</button></div>
          </Form></div>
        </Card>
      </div>
      <div aria-live="polite" aria-busy={act.busy}>
        {act.failure !== null && <Failure of={act.failure} />}
        {act.busy ? <Skeleton lines={8} /> : report !== null ? <TuningView of={report} /> : act.failure === null && <Card><Empty title="No application was looked at yet" command="pivo optimize EVENT-LOG" /></Card>}
      </div>
    </AssistantPage>
  );
}

function fileOf(form: HTMLFormElement): File {
  const file = new FormData(form).get('log');
  if (!(file instanceof File)) throw new Error('a form without its file');
  return file;
}

async function sent(file: File): Promise<ExplainedReport> {
  const response = await send(resource(['optimize-resources']), { method: 'POST', body: file, headers: { 'content-type': typeOf(file.name), accept: 'application/json' } });
  return (await response.json()) as ExplainedReport;
}

function given(form: HTMLFormElement): object {
  const application = fieldOf(form, 'application');
  return application === '' ? {} : { application };
}
