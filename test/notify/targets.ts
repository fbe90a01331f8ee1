// Targets of notifications as config.toml gives them, for tests.
import { parseInput } from '../../contract/validation.ts';
import { NotifyTables, notifyTargets, type EmailTarget, type NotifyTarget, type WebhookTarget } from '../../notify/settings.ts';

/** The targets of tables, of a home where that matters. */
export function targetsOf(tables: object[], { home = '/home/pivo', env = {} }: { home?: string; env?: Record<string, string> } = {}): NotifyTarget[] {
  return notifyTargets(parseInput(NotifyTables, tables, 'notify'), home, env);
}

export function targetOf(table: object, settings: { home?: string; env?: Record<string, string> } = {}): WebhookTarget {
  const [target] = targetsOf([{ name: 'chat', ...table }], settings);
  if (target?.kind !== 'webhook') throw new Error('no webhook');
  return target;
}

export function mailTargetOf(table: object, settings: { home?: string; env?: Record<string, string> } = {}): EmailTarget {
  const [target] = targetsOf([{ name: 'ops', ...table }], settings);
  if (target?.kind !== 'email') throw new Error('no mail');
  return target;
}
