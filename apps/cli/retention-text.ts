// Retention plans and what became of them, as people read them.
import type { RetentionPlan, RetentionPolicy, RetentionRecord, RetentionSummary } from '../../contract/retention.ts';
import { instant, many, safeLine, size, table } from './format.ts';
import type { Style } from './session.ts';

export function planText({ policy, hash, repositories, looked, files, bytes }: RetentionPlan, style: Style): string {
  if (policy.checkouts === undefined) return 'retention is off: nothing is ever removed\n  → Set `checkouts` in `[retention]` of config.toml: docs/retention.md.\n';
  const going = repositories.flatMap(({ repository, checkouts, hash: own }) => checkouts.map((checkout) => ({ repository, own, ...checkout })));
  const skipped = repositories.filter((each) => each.skipped !== null);
  const rows = table(going, [
    { title: 'REPOSITORY', value: ({ repository }) => style.bold(repository) },
    { title: 'CHECKOUT', value: ({ path }) => path.replace(/^([0-9a-f]{12})[0-9a-f]+/, '$1') },
    { title: 'LAID OUT (UTC)', value: ({ laidOut }) => instant(laidOut) },
    { title: 'LAST VISIT', value: ({ lastVisit }) => String(lastVisit), align: 'right' },
    { title: 'FILES', value: ({ files: each }) => String(each), align: 'right' },
    { title: 'BYTES', value: ({ bytes: each }) => size(each), align: 'right' },
  ], style.dim);
  const left = skipped.map(({ repository, skipped: why }) => `${style.yellow('!')} ${style.bold(repository)} is left alone: ${safeLine(why ?? '')}\n`).join('');
  if (hash === null) return `${left}${style.green('✓')} nothing to remove in ${many(looked, 'repository', 'repositories')}: ${policyText(policy)}\n`;
  const sum = `${many(going.length, 'checkout')} of ${many(new Set(going.map(({ repository }) => repository)).size, 'repository', 'repositories')}, ${many(files, 'file')}, ${size(bytes)} as laid out; ${policyText(policy)}\n`;
  return `${rows}\n${left}${sum}  → Every file of them stays in the packs. To remove them: pivo retention apply ${hash}\n`;
}

function policyText({ checkouts: rule }: RetentionPolicy): string {
  const parts = [rule?.keep === undefined ? null : `the last ${rule.keep} stay`, rule?.olderThan === undefined ? null : `those needed within ${many(rule.olderThan, 'day')} stay`];
  return `policy: ${parts.filter((part) => part !== null).join(', ')}`;
}

export function summaryText({ repositories, removed, files, bytes, failed, failures }: RetentionSummary, style: Style): string {
  const head = `${failures === 0 ? style.green('✓') : style.yellow('!')} ${many(removed, 'checkout')} of ${many(repositories, 'repository', 'repositories')} removed: ${many(files, 'file')}, ${size(bytes)} as laid out\n`;
  const rest = failures > failed.length ? `and ${failures - failed.length} more\n` : '';
  return head + failed.map(({ repository, message }) => `${style.red('✗')} ${style.bold(repository)}: ${safeLine(message)}\n`).join('') + rest;
}

export function recordsText(records: readonly RetentionRecord[], style: Style): string {
  if (records.length === 0) return 'nothing was ever removed\n';
  return table(records, [
    { title: 'REPOSITORY', value: ({ repository }) => style.bold(repository) },
    { title: 'RECORD', value: ({ number }) => String(number), align: 'right' },
    { title: 'TIME (UTC)', value: ({ time }) => instant(time) },
    { title: 'BY', value: ({ by }) => safeLine(by) },
    { title: 'CHECKOUTS', value: ({ checkouts }) => String(checkouts.length), align: 'right' },
    { title: 'BYTES', value: ({ checkouts }) => size(checkouts.reduce((sum, { bytes }) => sum + bytes, 0)), align: 'right' },
  ], style.dim);
}
