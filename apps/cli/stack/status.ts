// `pivo status`: one line a part, or all of it as JSON.
import type { LogEmbedder } from '../../../contract/log-search.ts';
import type { Health } from '../../../operations/health.ts';
import { statusOf, type ProcessStatus, type StackStatus } from '../../../stack/status.ts';
import { fields, many, size, table } from '../format.ts';
import type { Session, Style } from '../session.ts';
import { checksText } from './checks-text.ts';

/** Exit code 0 whatever the state is: the question was answered. */
export async function status(session: Session): Promise<void> {
  const [found, health] = await Promise.all([statusOf(session.config), session.call<Health>('health', {}).catch(() => null)]);
  const { logVectors = null, checks = [] } = health ?? {};
  await session.answer({ ...found, logVectors, checks }, () => `${statusText(found, session.style, logVectors)}${checks.length === 0 ? '' : `\n${checksText(checks, session.style)}`}`);
}

function statusText(status: StackStatus, style: Style, vectors: LogEmbedder | null): string {
  const head = status.state === 'down' ? `${style.dim('○')} ${style.bold('PIVO is down')}` : `${light(status.state, style)} ${style.bold(`PIVO is ${status.state === 'ready' ? 'up' : status.state}`)}`;
  const parts = [
    { name: 'Temporal', process: status.temporal, where: [status.temporal.address, status.temporal.ui === null ? null : `UI ${status.temporal.ui}`].filter((each) => each !== null).join('  ') },
    { name: 'Worker', process: status.worker, where: '' },
    { name: 'Metadata service', process: status.metadata, where: '' },
    { name: 'Server', process: status.server, where: status.server.url ?? '' },
  ];
  const processes = table(parts, [
    { title: 'PART', value: ({ name }) => name },
    { title: 'STATE', value: ({ process }) => `${light(process.state, style)} ${process.state}` },
    { title: 'PROCESS', value: ({ process }) => String(process.pid ?? '-'), align: 'right' },
    { title: 'RESTARTS', value: ({ process }) => String(process.restarts), align: 'right' },
    { title: '', value: ({ where }) => where },
  ], style.dim);
  const places = fields([
    ['Home', status.home],
    ['Store', place(status.store)],
    ['Events', place(status.events)],
    ['Index', `${status.index.path} (${status.index.state}${status.index.reason === null ? '' : `: ${status.index.reason}`}${status.index.bytes === 0 ? '' : `, ${size(status.index.bytes)}`}${(status.index.lag ?? 0) === 0 ? '' : `, ${many(status.index.lag ?? 0, 'event')} behind`})`],
    ['Log', status.log],
    ...(vectors === null || vectors.active === null ? [] : [['Log search', `vectors by ${vectors.active}${vectors.state === 'ready' ? '' : `; those by ${vectors.configured} are being made`}`] as [string, string]]),
  ]);
  return `${head}\n${status.state === 'down' ? '' : `\n${processes}`}\n${places}`;
}

const place = ({ url, state }: { url: string; state: string }): string => (state === 'ready' ? url : `${url} (${state})`);

function light(state: ProcessStatus['state'] | StackStatus['state'], style: Style): string {
  if (state === 'ready') return style.green('●');
  return state === 'stopped' || state === 'down' ? style.dim('○') : style.yellow('●');
}
