// Targets of notifications as config.toml gives them, for tests.
import { parseInput } from '../../contract/validation.ts';
import { NotifyTables, notifyTargets, type NotifyTarget } from '../../notify/settings.ts';

/** The targets of tables, of a home where that matters. */
export function targetsOf(tables: object[], { home = '/home/pivo', env = {} }: { home?: string; env?: Record<string, string> } = {}): NotifyTarget[] {
  return notifyTargets(parseInput(NotifyTables, tables, 'notify'), home, env);
}

export function targetOf(table: object, settings: { home?: string; env?: Record<string, string> } = {}): NotifyTarget {
  const [target] = targetsOf([{ name: 'chat', ...table }], settings);
  if (target === undefined) throw new Error('no target');
  return target;
}
