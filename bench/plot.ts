// A line plot as SVG: how several ways grow, both axes logarithmic.

export interface Line {
  name: string;
  /** One for each x; null where nothing was measured. */
  values: readonly (number | null)[];
}

export interface Plot {
  title: string;
  /** What is along the bottom, and its values, ascending. */
  x: { label: string; values: readonly number[] };
  unit: string;
  lines: readonly Line[];
}

const WIDTH = 640;
const HEIGHT = 400;
const EDGE = { left: 70, right: 170, top: 40, bottom: 50 };
const COLOURS = ['#0b6bcb', '#c2410c', '#15803d', '#7e22ce', '#b91c1c', '#525252'];

/** The picture, complete in itself. Values that are not above zero are left out: a logarithm has no place for them. */
export function svgOf({ title, x, unit, lines }: Plot): string {
  const known = lines.flatMap(({ values }) => values.filter(isAbove));
  const down = scale(Math.min(...known), Math.max(...known), HEIGHT - EDGE.bottom, EDGE.top);
  const along = scale(Math.min(...x.values), Math.max(...x.values), EDGE.left, WIDTH - EDGE.right);
  const drawn = lines.flatMap((line, at) => drawnLine(line, x.values, along, down, COLOURS[at % COLOURS.length] ?? '#000', at));
  const grid = ticks(Math.min(...known), Math.max(...known)).map((value) => `<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${down(value)}" y2="${down(value)}" stroke="#ddd"/><text x="${EDGE.left - 8}" y="${down(value) + 4}" text-anchor="end">${value}</text>`);
  const bottom = x.values.map((value) => `<text x="${along(value)}" y="${HEIGHT - EDGE.bottom + 18}" text-anchor="middle">${value.toLocaleString('en')}</text>`);
  const words = `<text x="${EDGE.left}" y="22" font-size="14" font-weight="bold">${escaped(title)} (${escaped(unit)})</text><text x="${(EDGE.left + WIDTH - EDGE.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(x.label)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>${[words, ...grid, ...bottom, ...drawn].join('')}</svg>\n`;
}

const isAbove = (value: number | null): value is number => value !== null && Number.isFinite(value) && value > 0;
const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** From a logarithm to a place; one value alone stands in the middle. */
function scale(least: number, most: number, from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log(least), Math.log(most)];
  return (value) => Math.round((high === low ? (from + to) / 2 : from + ((Math.log(value) - low) / (high - low)) * (to - from)) * 10) / 10;
}

/** The powers of ten within the values, and both ends. */
function ticks(least: number, most: number): number[] {
  const powers = Array.from({ length: 24 }, (_, n) => 10 ** (n - 6)).filter((value) => value > least && value < most);
  return [...new Set([least, ...powers, most].map((value) => Number(value.toPrecision(2))))];
}

function drawnLine({ name, values }: Line, xs: readonly number[], along: (x: number) => number, down: (y: number) => number, colour: string, at: number): string[] {
  const points = xs.flatMap((x, n) => (isAbove(values[n] ?? null) ? [{ x: along(x), y: down(values[n] ?? 1) }] : []));
  const y = EDGE.top + 14 + at * 18;
  return [
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map((point) => `${point.x},${point.y}`).join(' ')}"/>`,
    ...points.map((point) => `<circle cx="${point.x}" cy="${point.y}" r="3" fill="${colour}"/>`),
    `<circle cx="${WIDTH - EDGE.right + 16}" cy="${y - 4}" r="4" fill="${colour}"/><text x="${WIDTH - EDGE.right + 26}" y="${y}">${escaped(name)}</text>`,
  ];
}
