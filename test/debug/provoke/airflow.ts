// Failures of Airflow tasks, in the format of its task logs; Airflow comes from PyPI into a folder of the user's cache.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { userCache } from '../../../engines/places.ts';
import type { Failure } from './failure.ts';
import type { Lab } from './lab.ts';

const VERSION = '2.10.5';

/** The Python of a virtual environment with Airflow; made when it is not there, which takes minutes. */
async function airflowPython(lab: Lab): Promise<string> {
  const folder = join(userCache(process.env), 'pivo', `airflow-${VERSION}`);
  const python = join(folder, 'bin', 'python');
  if (await access(join(folder, 'ready')).then(() => true, () => false)) return python;
  await lab.say('python3', ['-m', 'venv', folder]);
  const said = await lab.say(python, ['-m', 'pip', 'install', '--quiet', `apache-airflow==${VERSION}`, 'sqlalchemy<2'], { seconds: 900, env: { ...(process.env as Record<string, string>) } });
  if (/ERROR/.test(said)) throw new Error(said);
  await lab.say('touch', [join(folder, 'ready')]);
  return python;
}

const homes = new Map<Lab, string>();

async function airflow(lab: Lab, ...args: string[]): Promise<string> {
  const python = await airflowPython(lab);
  const home = homes.get(lab) ?? (await lab.fresh());
  const env = { AIRFLOW_HOME: home, AIRFLOW__CORE__LOAD_EXAMPLES: 'False', AIRFLOW__CORE__DAGS_FOLDER: join(import.meta.dirname, 'jobs'), AIRFLOW__LOGGING__COLORED_CONSOLE_LOG: 'False' };
  if (!homes.has(lab)) await lab.say(python, ['-m', 'airflow', 'db', 'migrate'], { env, seconds: 300 });
  homes.set(lab, home);
  return lab.say(python, ['-m', 'airflow', ...args], { env, seconds: 180 });
}

export const dagRun = (name: string, dag: string): Failure => ({ name, provoke: (lab) => airflow(lab, 'dags', 'test', dag, '2026-11-20') });

export const FAILURES: readonly Failure[] = [
  dagRun('airflow-connection-undefined', 'load_customers'),
  dagRun('airflow-variable-undefined', 'export_invoices'),
  dagRun('airflow-command-not-found', 'compact_files'),
  dagRun('airflow-task-timeout', 'sync_crm'),
  dagRun('airflow-sensor-timeout', 'wait_for_partner'),
  dagRun('airflow-python-error', 'count_rows'),
];
