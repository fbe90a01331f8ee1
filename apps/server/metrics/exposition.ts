// Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats): written, and several put together.

export interface Sample {
  labels?: Record<string, string>;
  value: number;
}

/** Samples of one name; `help` is one sentence. */
export interface Family {
  name: string;
  type: 'gauge' | 'counter';
  help: string;
  samples: Sample[];
}

export const gauge = (name: string, help: string, samples: Sample[]): Family => ({ name, help, type: 'gauge', samples });
export const counter = (name: string, help: string, samples: Sample[]): Family => ({ name, help, type: 'counter', samples });

const escaped = (text: string): string => text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`).replaceAll('"', String.raw`\"`);

function labelText(labels: Record<string, string> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Text of the families that have samples. */
export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, help, samples }) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`).join('')}`)
    .join('');
}

export interface Scraped {
  /** Added to each sample as the label `process`. */
  process: string;
  text: string;
}

/** One text of several processes' texts: a family's head is said once, with the samples of all of them below it. */
export function merged(scraped: readonly Scraped[]): string {
  const families = new Map<string, { head: string[]; samples: string[] }>();
  for (const { process, text } of scraped) addTo(families, process, text);
  return [...families.values()].flatMap(({ head, samples }) => [...head, ...samples]).map((line) => `${line}\n`).join('');
}

/** Samples of a family follow its `# TYPE`, also those of a histogram, whose names are longer than the family's. */
function addTo(families: Map<string, { head: string[]; samples: string[] }>, process: string, text: string): void {
  let family = { head: [] as string[], samples: [] as string[] };
  for (const line of text.split('\n')) {
    const [, name] = /^# (?:HELP|TYPE) (\S+)/.exec(line) ?? [];
    if (name !== undefined) {
      family = families.get(name) ?? { head: [], samples: [] };
      families.set(name, family);
      if (!family.head.some((known) => known.slice(0, 7) === line.slice(0, 7))) family.head.push(line);
    } else if (line !== '' && !line.startsWith('#')) {
      family.samples.push(labelled(line, process));
    }
  }
}

/** The sample with one more label; a value of a label may hold a brace, its name may not. */
function labelled(sample: string, process: string): string {
  const [, name = '', labels = '', rest = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (.*)$/.exec(sample) ?? [];
  return `${name}{${labels === '' ? '' : `${labels},`}process="${escaped(process)}"} ${rest}`;
}
