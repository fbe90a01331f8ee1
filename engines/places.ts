// Where engines keep their files: a cache that all homes of a user share, and one home with data, configuration and logs.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface EnginePlaces {
  /** Holds `engines.json` and one folder an engine. */
  home: string;
  /** Holds what registries gave: jars and Spark. */
  cache: string;
  /** The environment that fetching tools get whole (proxies, mirrors); engines get only what `engineEnvironment` picks. */
  env: NodeJS.ProcessEnv;
}

/** Places by PIVO_HOME (default `~/.pivo`) and XDG_CACHE_HOME (default `~/.cache`); `home` wins over PIVO_HOME. */
export function enginePlaces(env: NodeJS.ProcessEnv, home?: string): EnginePlaces {
  const user = env['HOME'] || homedir();
  return {
    home: resolve(home ?? join(env['PIVO_HOME'] || join(user, '.pivo'), 'engines')),
    cache: join(userCache(env), 'pivo', 'engines'),
    env,
  };
}

/** XDG_CACHE_HOME, by default `~/.cache`. */
export function userCache(env: NodeJS.ProcessEnv): string {
  return resolve(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'));
}

const PASSED_ON = ['PATH', 'HOME', 'USER', 'TZ', 'JAVA_HOME', 'PYSPARK_PYTHON'];

/** What an engine may know of its starter's environment: nothing that changes who it runs as, what it loads, or how it reads names. */
export function engineEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => (env[name] ? [[name, env[name]]] : []));
  return { LC_ALL: 'C.UTF-8', ...Object.fromEntries(passed) }; // Java reads names in arguments by the locale
}
