// The one place where findings that explain or contradict each other are told apart, and where properties get one value.
import type { PropertyChange, TuningFinding, TuningReport } from '../contract/tuning.ts';
import { bytesOf } from './figures.ts';

/** In the same stage, what stands first explains what stands after it. */
const EXPLAINS: readonly { rule: string; others: readonly string[]; why: string }[] = [
  { rule: 'missed-broadcast', others: ['skew', 'slow-tasks', 'spill', 'fetch-wait', 'over-partitioned', 'under-partitioned', 'large-partitions', 'gc'], why: 'the shuffle that it is about ends with the broadcast' },
  { rule: 'skew', others: ['spill', 'slow-tasks', 'large-partitions', 'gc', 'fetch-wait'], why: 'it comes from the one large partition' },
  { rule: 'over-partitioned', others: ['scheduler-delay', 'fetch-wait', 'slow-tasks', 'gc'], why: 'it comes from the number of tasks' },
  { rule: 'spill', others: ['gc', 'large-partitions', 'slow-tasks'], why: 'it comes from what does not fit into memory' },
  { rule: 'gc', others: ['slow-tasks', 'scheduler-delay'], why: 'it comes from the collection of garbage' },
];

/** Rules of the whole application that ask for the opposite of another one. */
const CONTRADICTS: readonly { rule: string; by: readonly string[]; why: string }[] = [
  { rule: 'unused-memory', by: ['spill', 'gc', 'failed-tasks'], why: 'another finding asks for more memory' },
];

export type PerStage = Omit<TuningFinding, 'alsoIn'>;

/** What stands, and what is set aside with its reason. */
export function settled(found: readonly PerStage[]): { findings: PerStage[]; setAside: TuningReport['setAside'] } {
  const setAside: TuningReport['setAside'] = [];
  const findings = found.filter((finding) => {
    const reason = reasonAgainst(finding, found);
    if (reason !== null) setAside.push({ rule: finding.rule, stage: finding.stage?.link ?? null, reason });
    return reason === null;
  });
  return { findings, setAside };
}

function reasonAgainst({ rule, stage }: PerStage, all: readonly PerStage[]): string | null {
  const explained = stage === null ? undefined : EXPLAINS.find(({ rule: cause, others }) => others.includes(rule) && all.some((each) => each.rule === cause && each.stage?.link === stage.link));
  if (explained !== undefined) return `${explained.rule} in ${stage?.link ?? ''} explains it: ${explained.why}.`;
  const contradicted = CONTRADICTS.find((each) => each.rule === rule && all.some(({ rule: other }) => each.by.includes(other)));
  return contradicted === undefined ? null : `${contradicted.why}.`;
}

/** Of several values the larger: memory, and what must hold the largest thing. */
const LARGEST = /memory|Threshold|maxSizeInFlight|Bytes$/i;

/**
 * One value for each property. Where findings differ, memory and limits take the largest; of others, such as the number
 * of partitions, the worst finding has its way, and its reason says so. Findings come worst first.
 */
export function oneValueEach(findings: readonly Pick<TuningFinding, 'rule' | 'properties'>[]): PropertyChange[] {
  const asked = findings.flatMap(({ rule, properties }) => properties.map((property) => ({ ...property, reason: `${rule}: ${property.reason}` })));
  return [...Map.groupBy(asked, ({ name }) => name)].map(([name, changes]) => {
    const chosen = LARGEST.test(name) ? changes.reduce((most, each) => ((bytesOf(each.value) ?? 0) > (bytesOf(most.value) ?? 0) ? each : most)) : (changes[0] as PropertyChange);
    const others = [...new Set(changes.map(({ value }) => value))].filter((value) => value !== chosen.value);
    return others.length === 0 ? chosen : { ...chosen, reason: `${chosen.reason} (other stages asked for ${others.join(', ')})` };
  });
}
