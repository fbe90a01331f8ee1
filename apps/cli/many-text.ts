// The plan and the receipt of a restore of many as people read them.
import type { FailureReport } from '../../contract/failures.ts';
import type { MemberOutcome, MemberReceipt, RestoreAllPlan, RestoreAllReceipt, RestoreAllRow, RestoreAllStatus } from '../../contract/restore-all.ts';
import { count, fields, instant, many, safeLine, size, table } from './format.ts';
import type { Style } from './session.ts';

/** Most repositories that are shown; `--json` and the store have all. */
const ROWS_SHOWN = 40;

export function planOfManyText(plan: RestoreAllPlan, style: Style): string {
  const { sums, repositories } = plan;
  const shown = repositories.toSorted((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, ROWS_SHOWN);
  const made = sums.makes === 0 ? '' : `, ${count(sums.makes)} of them made ${plan.targetKind === 'folder' ? 'there' : 'there, private'}`;
  return [
    fields([
      ['At', safeLine(plan.at)],
      ['To', safeLine(plan.target)],
      ['Repositories', `${count(sums.ready)} of ${count(sums.repositories)}${made}${sums.nothing === 0 ? '' : `; ${count(sums.nothing)} not backed up yet then`}${sums.refused === 0 ? '' : `; ${style.red(`${count(sums.refused)} cannot be restored`)}`}`],
      ['Refs', `${count(sums.refs.create)} to create, ${count(sums.refs['fast-forward'])} to fast-forward, ${count(sums.refs.unchanged)} unchanged, ${count(sums.refs.refuse)} left out`],
      ['Packs', `${many(sums.packs, 'pack')} to check, ${size(sums.bytes)}`],
    ], '  '),
    table(shown, [
      { title: '', value: ({ state }) => `  ${{ ready: style.green('+'), nothing: style.yellow('-'), refused: style.red('✗') }[state]}` },
      { title: 'REPOSITORY', value: ({ repository }) => repository },
      { title: 'AS OF (UTC)', value: ({ visit }) => instant(visit?.time) },
      { title: 'REFS', value: ({ refs }) => count(refs.create + refs['fast-forward'] + refs.unchanged), align: 'right' },
      { title: 'BYTES', value: ({ bytes }) => size(bytes), align: 'right' },
      { title: 'TO', value: (row) => safeLine(rowSaying(row)) },
    ], style.dim),
    repositories.length > shown.length || sums.repositories > repositories.length ? `  … and ${many(sums.repositories - shown.length, 'more repository', 'more repositories')}\n` : '',
  ].join('');
}

const ORDER: Record<RestoreAllRow['state'], number> = { refused: 0, nothing: 1, ready: 2 };

function rowSaying({ target, makes, reason, warnings }: RestoreAllRow): string {
  if (reason !== null) return reason.message;
  const first = warnings[0] === undefined ? '' : `  (${warnings[0]})`;
  return `${target}${makes === 'forge' ? '  (made there)' : ''}${first}`;
}

/** The plan that waits, with what a person needs to decide. */
export function statusOfManyText({ restoreId, plan, planHash, expires }: RestoreAllStatus, style: Style): string {
  return `${style.bold(`Plan of restore ${restoreId}`)}\n${plan === null ? '' : planOfManyText(plan, style)}  ${style.dim(`hash ${planHash ?? '-'}, valid until ${instant(expires)} UTC`)}\n`;
}

const MARKS: Record<MemberOutcome, (style: Style) => string> = {
  restored: ({ green }) => green('✓'), unchanged: ({ green }) => green('='), nothing: ({ yellow }) => yellow('-'), failed: ({ red }) => red('✗'), refused: ({ red }) => red('✗'), 'not begun': ({ yellow }) => yellow('…'),
};

export function receiptOfManyText(receipt: RestoreAllReceipt, style: Style): string {
  const { counts, receipts, outcome } = receipt;
  const back = counts.restored + counts.unchanged;
  const missing = receipts.filter((each) => !['restored', 'unchanged'].includes(each.outcome));
  const head = outcome === 'done' ? style.green('✓') : style.red('✗');
  return `${head} ${style.bold(`${count(back)} of ${count(counts.repositories)} repositories`)} are restored and proven\n${fields([
    ['At', safeLine(receipt.at)],
    ['To', safeLine(receipt.target)],
    ['Outcome', countsText(counts)],
    ['Checked', `${size(receipt.bytesVerified)} of packs, ${many(receipt.objects, 'object')} at the targets`],
    ['Plan', receipt.planHash],
    ['Asked by', `${safeLine(receipt.requestedBy)}${receipt.approvedBy === null ? '' : `, approved by ${safeLine(receipt.approvedBy)}`}`],
    ['Time', `${instant(receipt.begun)} – ${instant(receipt.finished).slice(11)}, ${receipt.repositoriesAMinute} repositories a minute`],
    ['Receipt', `${receipt.restoreId}  ${style.dim(receipt.sha256)}`],
  ], '  ')}${missingText(missing, counts, style)}${warningsText(receipts, style)}`;
}

function warningsText(receipts: readonly MemberReceipt[], style: Style): string {
  const warned = receipts.flatMap(({ repository, warnings }) => warnings.map((warning) => `${repository}: ${warning}`));
  const shown = warned.slice(0, ROWS_SHOWN).map((warning) => `  ${style.yellow('!')} ${safeLine(warning)}\n`).join('');
  return `${shown}${warned.length > ROWS_SHOWN ? `  … and ${many(warned.length - ROWS_SHOWN, 'more warning')}\n` : ''}`;
}

function countsText(counts: RestoreAllReceipt['counts']): string {
  const words: [MemberOutcome, string][] = [['restored', 'restored'], ['unchanged', 'there already'], ['failed', 'failed'], ['refused', 'could not be restored'], ['nothing', 'not backed up yet then'], ['not begun', 'not begun']];
  return words.filter(([outcome]) => counts[outcome] > 0).map(([outcome, word]) => `${count(counts[outcome])} ${word}`).join(', ');
}

function missingText(rows: readonly MemberReceipt[], counts: RestoreAllReceipt['counts'], style: Style): string {
  const shown = rows.slice(0, ROWS_SHOWN);
  const more = counts.failed + counts.refused + counts.nothing + counts['not begun'] - shown.length;
  return table(shown, [
    { title: '', value: ({ outcome }) => `  ${MARKS[outcome](style)}` },
    { title: 'NOT THERE', value: ({ repository }) => repository },
    { title: 'OUTCOME', value: ({ outcome }) => outcome },
    { title: 'WHY', value: ({ failure }) => safeLine(failureSaying(failure)) },
  ], style.dim) + (more > 0 ? `  … and ${many(more, 'more repository', 'more repositories')}\n` : '');
}

const failureSaying = (failure: FailureReport | null): string => (failure === null ? '' : `${failure.message}${failure.hint === undefined ? '' : ` ${failure.hint}`}`);
