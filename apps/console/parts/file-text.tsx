// One file of a repository, line by line; its bytes are only ever text here.
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { resource, send } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { many, shown, size } from '../format.ts';
import { asked, at, askedNumber, here } from '../route.ts';
import { Card } from './page.tsx';
import { Show } from './state.tsx';

/** Bytes of a file that are shown. */
const MOST = 1_000_000;

interface Content {
  bytes: number;
  /** Null for a binary. */
  lines: string[] | null;
  cut: boolean;
}

export function FileText({ repository, point, path }: { repository: string; point: string; path: string }): JSX.Element {
  const content = useLoad(`file ${repository} ${point} ${path}`, (signal) => read(repository, point, path, signal));
  const actions = (
    <span class="row">
      <a class="button" href={at(['repositories', repository, 'commits'], { at: asked('at'), path })}>History</a>
      <button type="button" onClick={() => void save(repository, point, path)}>Download</button>
    </span>
  );
  return (
    <Card title={shown(path.split('/').at(-1) ?? path)} aside={actions}>
      <Show of={content} lines={12}>{({ bytes, lines, cut }) => lines === null ? <p class="pad quiet">{size(bytes)} that are no text. Download it to see it.</p> : (
        <>
          <Lines lines={lines} label={path} />
          <p class="pad quiet small">{many(lines.length, 'line')}, {size(bytes)}{cut && `; only the first ${size(MOST)} are shown`}</p>
        </>
      )}</Show>
    </Card>
  );
}

function Lines({ lines, label }: { lines: string[]; label: string }): JSX.Element {
  const chosen = askedNumber('line', 0);
  useEffect(() => document.getElementById(`line-${chosen}`)?.scrollIntoView({ block: 'center' }), [chosen, lines]);
  return (
    <div class="code scroll" role="region" aria-label={`Content of ${label}`} tabIndex={0}>
      <table>
        <tbody>{lines.map((line, i) => <tr key={i} id={`line-${i + 1}`} class={chosen === i + 1 ? 'chosen' : ''}><td class="ln"><a href={here({ line: i + 1 })} tabIndex={-1}>{i + 1}</a></td><td>{line}</td></tr>)}</tbody>
      </table>
    </div>
  );
}

/** Reads no more than is shown. */
async function read(repository: string, point: string, path: string, signal: AbortSignal): Promise<Content> {
  const response = await send(resource(['repositories', repository, 'content'], { point, path }), { signal });
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let piece = await reader?.read(); piece?.done === false && length <= MOST; piece = await reader?.read()) {
    pieces.push(piece.value);
    length += piece.value.length;
  }
  const cut = length > MOST;
  if (cut) await reader?.cancel();
  const bytes = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()).subarray(0, MOST);
  const whole = Number(response.headers.get('content-length') ?? length) || length;
  if (bytes.subarray(0, 8000).includes(0)) return { bytes: whole, lines: null, cut };
  return { bytes: Math.max(whole, length), lines: new TextDecoder().decode(bytes).replace(/\n$/, '').split('\n').map((line) => shown(line.replace(/\r$/, ''))), cut };
}

async function save(repository: string, point: string, path: string): Promise<void> {
  const blob = await (await send(resource(['repositories', repository, 'content'], { point, path }))).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
  link.download = path.split('/').at(-1) ?? 'file';
  link.click();
  URL.revokeObjectURL(link.href);
}
