// What verifications, drills and repairs say, as people read it.
import type { DrillSummary } from '../../contract/drill.ts';
import type { RepairResult } from '../../contract/repair.ts';
import type { Finding, VerificationSummary } from '../../contract/verification.ts';
import type { Coverage } from '../../operations/verifications.ts';
import type { Verdict } from '../../operations/verify.ts';
import { count, instant, many, safeLine, size, table } from './format.ts';
import type { Style } from './session.ts';

export type { Coverage, Verdict };
export type RunEnded = VerificationSummary & { found: (Finding & { repository: string })[] };
export type DrillEnded = DrillSummary;
export type RepairEnded = RepairResult;

export function verdictText({ repositories }: Verdict, style: Style): string {
  if (repositories.length === 0) return 'no repositories to verify\n';
  return repositories
    .map(({ repository, ok, visits, snapshots, packs, checkouts, forgeFiles, bytes, findings }) => {
      const head = `${ok ? style.green('✓') : style.red('✗')} ${style.bold(repository)}: ${many(visits, 'visit')}, ${many(snapshots, 'snapshot')}, ${many(packs, 'pack')}, ${many(checkouts, 'checkout')}, ${forgeFiles === 0 ? '' : `${many(forgeFiles, 'file')} of forge data, `}${size(bytes)} read, ${ok ? 'all as it was written' : many(findings.length, 'finding')}\n`;
      return head + findings.map((finding) => findingText(finding, style)).join('');
    })
    .join('');
}

function findingText({ file, problem, hint, visits }: Finding, style: Style): string {
  return `  ${style.red('✗')} ${safeLine(file)}: ${safeLine(problem)}${visits.length === 0 ? '' : ` (visits ${visits.join(', ')})`}\n    → ${safeLine(hint)}\n`;
}

export function runText({ ok, part, repositories, files, bytes, findings, found }: RunEnded, style: Style): string {
  const what = part === null ? '' : `part ${part.part} of ${part.of}: `;
  return `${ok ? style.green('✓') : style.red('✗')} ${what}${many(files, 'file')} of ${many(repositories, 'repository', 'repositories')}, ${size(bytes)} read, ${ok ? 'all as it was written' : many(findings, 'finding')}\n${found.map((finding) => findingText(finding, style)).join('')}`;
}

export function coverageText(coverage: readonly Coverage[], style: Style): string {
  if (coverage.length === 0) return 'no repositories to verify\n';
  return table(coverage, [
    { title: 'REPOSITORY', value: ({ repository }) => style.bold(repository) },
    { title: 'FILES', value: ({ files }) => count(files), align: 'right' },
    { title: 'NEVER READ', value: ({ never }) => (never === 0 ? '0' : style.yellow(count(never))), align: 'right' },
    { title: 'OLDEST READING (UTC)', value: ({ oldest }) => instant(oldest) },
    { title: 'DAMAGED', value: ({ damaged }) => (damaged === 0 ? '0' : style.red(count(damaged))), align: 'right' },
  ], style.dim);
}

export function drillText({ drills }: DrillEnded, style: Style): string {
  if (drills.length === 0) return 'no repositories to drill\n';
  return drills
    .map(({ repository, outcome, visit, age, seconds, refs, objects, message, hint }) =>
      outcome === 'proven'
        ? `${style.green('✓')} ${style.bold(repository)} comes back: visit ${visit} in ${seconds?.toFixed(1)} s, ${many(refs ?? 0, 'ref')} and ${many(objects ?? 0, 'object')} the same; the visit was ${Math.round((age ?? 0) / 60)} minutes old\n`
        : `${style.red('✗')} ${style.bold(repository)} did not come back: ${safeLine(message ?? '')}\n${hint === null ? '' : `    → ${safeLine(hint)}\n`}`)
    .join('');
}

export function repairText({ repository, visit, repaired, lost }: RepairEnded, style: Style): string {
  if (repaired.length === 0 && lost.length === 0) return `${style.green('✓')} ${style.bold(repository)}: every pack is whole, nothing to repair\n`;
  const lines = repaired.map(({ pack, by, objects, from }) => `${style.green('✓')} ${pack}: ${many(objects, 'object')} from ${from === 'archive' ? 'other packs' : 'the origin'}, now in ${by.join(', ')}\n`);
  const gone = lost.map(({ pack, missing, objects }) => `${style.red('✗')} ${pack}: ${many(missing, 'object')} nowhere to be found: ${objects.slice(0, 5).join(', ')}${missing > 5 ? ' …' : ''}\n`);
  return `${lines.join('')}${gone.join('')}${visit === null ? '' : `  visit ${visit} says so\n`}`;
}
