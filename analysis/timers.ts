// Crontabs and systemd units: when something runs, and what.
import { Facts, type FileReader } from './reader.ts';

/** Five fields of numbers, names, lists, ranges and steps, or `@daily` (crontab(5)). */
const CRON = /^\s*(@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)|(?:[\d*/,LW#?A-Za-z-]+\s+){4}[\d*/,LW#?A-Za-z-]+)\s+(\S.*)$/;

export const crontabReader: FileReader = {
  reads: (path, name) => /(?:^|[._-])cron(?:tab)?$|\.cron(?:tab)?$|^crontab/i.test(name) || /(?:^|\/)cron\.d\//.test(path),
  read(source) {
    const facts = new Facts(source);
    for (const [at, line] of source.lines.entries()) {
      const [, when = '', what = ''] = line.startsWith('#') ? [] : (CRON.exec(line) ?? []);
      if (when !== '' && /[\d*@]/.test(when)) facts.add('schedule', when, `when cron runs \`${what.slice(0, 200)}\``, at + 1);
      const variable = /^\s*([A-Za-z_]\w*)\s*=/.exec(line)?.[1];
      if (variable !== undefined) facts.add('configuration', variable, 'variable of the crontab', at + 1);
    }
    return facts.list;
  },
};

export const systemdReader: FileReader = {
  reads: (path) => /\.(?:timer|service)$/.test(path),
  read(source) {
    const facts = new Facts(source);
    for (const [at, line] of source.lines.entries()) {
      const [, key = '', value = ''] = /^\s*(On\w+Sec|OnCalendar|ExecStart(?:Pre|Post)?|EnvironmentFile|Environment)\s*=\s*(.+)$/.exec(line) ?? [];
      if (key.startsWith('On')) facts.add('schedule', value.trim(), `when the systemd timer ${source.name} fires (${key})`, at + 1);
      else if (key.startsWith('Exec')) facts.add('entryPoint', value.trim(), `what the systemd service ${source.name} runs (${key})`, at + 1);
      else if (key === 'Environment') facts.add('configuration', value.replaceAll('"', '').split('=')[0] ?? '', 'environment variable of the systemd service', at + 1);
      else if (key === 'EnvironmentFile') facts.add('configuration', value.trim(), 'file of environment variables of the systemd service', at + 1);
    }
    return facts.list;
  },
};
