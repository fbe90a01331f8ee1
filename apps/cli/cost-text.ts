// What the archive costs, as people read it.
import type { CostReport } from '../../operations/cost.ts';
import { count, fields, instant, many, safeLine, shortId, size, table, type Column } from './format.ts';
import type { Style } from './session.ts';

export type { CostReport };

type Repository = CostReport['repositories'][number];
type Part = CostReport['parts'][number];
type VisitCost = NonNullable<CostReport['visits']>[number];

export function costText({ store, total, parts, repositories, visits }: CostReport, style: Style): string {
  const only = visits === undefined ? undefined : repositories[0];
  const head = fields([
    ['Archive', safeLine(store)],
    ['On disk', `${size(total.stored)}${total.replication === null ? '' : ` with ${total.replication.toFixed(1)} replicas of each byte`}`],
    ['Files', `${count(total.files)} in ${many(total.folders, 'folder')}, ${size(total.bytes)}`],
    ['NameNode', total.objects === null ? null : `at most ${many(total.objects, 'object')}, about ${size(total.heapBytes ?? 0)} of its heap`],
    ['A year adds', yearText({ total, repositories })],
    ['Earlier packs', only === undefined || only.superseded === 0 ? null : `${size(only.superseded)} that only earlier visits need`],
  ]);
  const rest = visits === undefined ? repositoriesText(repositories, style) : visitsText(visits, style);
  return [head, partsText(parts, style), rest].filter((part) => part !== '').join('\n');
}

function yearText({ total, repositories }: Pick<CostReport, 'total' | 'repositories'>): string {
  const [only] = repositories;
  const rate = total.perYear === null ? 'not known yet' : `${size(total.perYear)} at this rate`;
  const caveat = repositories.length === 1 && only !== undefined ? (only.growth?.caveat ?? null) : total.uncertain === 0 ? null : `${many(total.uncertain, 'repository', 'repositories')} with too few visits or days to say`;
  return caveat === null ? rate : `${rate} (${caveat})`;
}

/** Columns of everything that is measured; objects only where there is a NameNode. */
function measures<Row extends Part | Repository>(rows: readonly Row[]): Column<Row>[] {
  return [
    { title: 'ON DISK', value: ({ stored }) => size(stored), align: 'right' },
    { title: 'BYTES', value: ({ bytes }) => size(bytes), align: 'right' },
    { title: 'FILES', value: ({ files }) => count(files), align: 'right' },
    ...(rows.some(({ objects }) => objects !== null) ? [{ title: 'OBJECTS', value: ({ objects }: Row) => count(objects ?? 0), align: 'right' } as const] : []),
  ];
}

const partsText = (parts: readonly Part[], style: Style): string => table(parts, [{ title: 'PART', value: ({ part }) => part }, ...measures(parts)], style.dim);

function repositoriesText(repositories: readonly Repository[], style: Style): string {
  return table(repositories, [
    { title: 'REPOSITORY', value: ({ repository }) => style.bold(repository) },
    ...measures(repositories),
    { title: 'VISITS', value: ({ visits }) => count(visits), align: 'right' },
    { title: 'A YEAR ADDS', value: ({ growth }) => rateText(growth, style), align: 'right' },
  ], style.dim);
}

const rateText = (growth: Repository['growth'], style: Style): string => (growth?.perYear == null ? '-' : growth.caveat === null ? size(growth.perYear) : style.yellow(`~ ${size(growth.perYear)}`));

function visitsText(visits: readonly VisitCost[], style: Style): string {
  return table(visits, [
    { title: 'VISIT', value: ({ visit }) => String(visit), align: 'right' },
    { title: 'TIME (UTC)', value: ({ time }) => instant(time) },
    { title: 'SNAPSHOT', value: ({ snapshot }) => shortId(snapshot) },
    { title: 'NEW PACKS', value: ({ packs }) => count(packs), align: 'right' },
    { title: 'BYTES', value: ({ packBytes }) => size(packBytes), align: 'right' },
    { title: 'NEW CHECKOUT', value: ({ checkout }) => checkoutText(checkout, style) },
  ], style.dim);
}

function checkoutText(checkout: VisitCost['checkout'], style: Style): string {
  if (checkout === null) return '-';
  const text = `${many(checkout.files, 'file')}, ${size(checkout.bytes)}`;
  return checkout.removed ? style.dim(`${text}, removed since`) : text;
}
