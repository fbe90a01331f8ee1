// Which processes belong to a home of engines: its path is in their command line or environment.
import { readdirSync, readFileSync } from 'node:fs';

/** Command lines of the processes that know a home, besides this one; Linux's proc(5). */
export function processesOf(home: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      const [command, environment] = ['cmdline', 'environ'].map((file) => read(`/proc/${pid}/${file}`));
      return command !== '' && `${command}${environment}`.includes(home) ? [`${pid} ${command?.replaceAll('\0', ' ')}`] : [];
    });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}
