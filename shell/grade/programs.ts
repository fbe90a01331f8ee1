// What the programs of a Linux machine can do.
import { changes, destroys, has, hasLetter, plainOf, reads, type Judge } from './judgement.ts';

const READERS = new Set(('ls cat grep egrep fgrep zgrep zcat bzcat xzcat zstdcat head tail wc cut du df stat file diff cmp comm ps pgrep ss netstat lsof free uptime nproc jps jstack jstat printenv whoami id groups uname getent dig nslookup host ping traceroute less more jq tr column tac rev nl xxd od hexdump strings '
  + 'md5sum sha1sum sha256sum sha512sum cksum basename dirname realpath readlink pwd echo printf test [ true false : seq sleep type which whereis man last w who lscpu lsblk lsusb lspci vmstat iostat mpstat sar top htop tree paste join fold fmt expand numfmt locale cal bc expr cd pushd popd shellcheck getfacl arch tty break continue exit return read let zipinfo').split(' '));
const DESTROYERS: Readonly<Record<string, string>> = {
  rm: 'it deletes; there is no way back', unlink: 'it deletes; there is no way back', shred: 'it overwrites files so that they cannot be read again', dd: 'it writes over devices and files', truncate: 'it cuts files', wipefs: 'it deletes the signs of file systems', fdisk: 'it changes partitions', sfdisk: 'it changes partitions', parted: 'it changes partitions',
  mkswap: 'it overwrites a device', blkdiscard: 'it discards a device', shutdown: 'it stops the machine', reboot: 'it stops the machine', poweroff: 'it stops the machine', halt: 'it stops the machine', init: 'it changes the state of the machine', userdel: 'it deletes a user', groupdel: 'it deletes a group', dropdb: 'it deletes a database', killall: 'it ends every process of that name', pkill: 'it ends every process that matches',
  lvremove: 'it deletes a volume', vgremove: 'it deletes volumes', zpool: 'it can delete a pool', cryptsetup: 'it can overwrite a device',
};

const JUDGES: Readonly<Record<string, Judge>> = {
  kill: (args) => (args.some((arg) => /^-(?:9|KILL|SIGKILL)$/i.test(arg ?? '')) || (has(args, '-s', '--signal') && has(args, 'KILL', '9', 'SIGKILL')) ? destroys('it ends the process at once; what it had not written is lost') : has(args, '-l', '-0') ? reads() : changes('it asks a process to end')),
  sed: (args) => (args.some((arg) => arg !== null && /^(?:-[a-zA-Z]*i|--in-place)/.test(arg)) ? changes('it changes the file in place') : args.every((arg) => arg !== null && (!/[we]/.test(arg) || arg.startsWith('-') || /^s(.).*\1.*\1[gip\d]*$/.test(arg) || !/[;{}\d$/|]\s*[weW]/.test(arg))) ? reads() : changes('its script may write files or start programs')),
  awk: (args) => (args.some((arg) => arg === null || /system\s*\(|>|\||getline|@load/.test(arg)) || has(args, '-i', '-f', '-l') || hasLetter(args, 'fil') ? changes('its program may write files or start others') : reads()),
  sort: (args) => (has(args, '-o', '--output', '--compress-program') || hasLetter(args, 'o') ? changes('it writes a file or starts another program') : reads()),
  uniq: (args) => (plainOf(args).length > 1 ? changes('it writes its second file') : reads()),
  dmesg: (args) => (has(args, '-C', '-c', '--clear', '--read-clear') ? destroys('it clears the messages of the kernel') : reads()),
  date: (args) => (has(args, '-s', '--set') ? changes('it sets the clock') : reads()),
  hostname: (args) => (plainOf(args).length > 0 ? changes('it renames the machine') : reads()),
  nc: (args) => (hasLetter(args, 'z') ? reads('it connects and sends nothing') : changes('it sends or takes data')),
  ip: (args) => (has(args, 'add', 'del', 'delete', 'set', 'flush', 'replace', 'change') ? changes('it changes the network') : reads()),
  mount: (args) => (args.length === 0 ? reads() : changes('it mounts')),
  crontab: (args) => (has(args, '-l') ? reads() : has(args, '-r') ? destroys('it deletes all scheduled jobs') : changes('it changes scheduled jobs')),
  systemctl: (args) => (['status', 'is-active', 'is-enabled', 'is-failed', 'show', 'cat', 'list-units', 'list-unit-files', 'list-timers', 'list-dependencies', 'list-sockets'].includes(plainOf(args)[0] ?? 'status') ? reads() : ['poweroff', 'reboot', 'halt', 'kill', 'emergency', 'rescue'].includes(plainOf(args)[0] ?? '') ? destroys('it stops the machine or ends processes') : changes('it changes a service')),
  journalctl: (args) => (args.some((arg) => arg?.startsWith('--vacuum') === true) ? destroys('it deletes old logs') : has(args, '--rotate', '--flush', '--sync') ? changes('it changes the journal') : reads()),
  tar: (args) => {
    const letters = args[0]?.startsWith('-') === false ? args[0] : '';
    if (has(args, '--remove-files', '--delete')) return destroys('it deletes what it packs, or from the archive');
    if (has(args, '--to-command', '--use-compress-program', '--checkpoint-action', '-I')) return changes('it starts another program');
    return hasLetter(args, 'xcruA') || /[xcruA]/.test(letters) || has(args, '--extract', '--create', '--get', '--append', '--update') ? changes('it writes files') : hasLetter(args, 't') || letters.includes('t') || has(args, '--list') ? reads() : changes('it may write files');
  },
  unzip: (args) => (hasLetter(args, 'lvtpZ') && !hasLetter(args, 'o') ? reads() : hasLetter(args, 'o') ? destroys('it overwrites files that are there') : changes('it writes files')),
  curl: (args) => judgeCurl(args),
  rsync: (args) => (args.some((arg) => arg !== null && /^--(?:del|delete\b.*|remove-source-files)/.test(arg)) ? destroys('it deletes what the other side does not have') : has(args, '-n', '--dry-run') || hasLetter(args, 'n') ? reads('it only shows what it would do') : changes('it writes at the target')),
  mv: (args) => (args.at(-1) === '/dev/null' ? destroys('what is moved there is lost') : has(args, '-f', '--force') ? destroys('it overwrites what is there without asking') : changes('it moves, and can overwrite what is there')),
  cp: (args) => (has(args, '-f', '--force', '--remove-destination') || hasLetter(args, 'f') ? destroys('it overwrites what is there without asking') : changes('it writes files, and can overwrite what is there')),
  ln: (args) => (hasLetter(args, 'f') || has(args, '--force') ? destroys('it replaces what is there') : changes('it makes a link')),
  openssl: (args) => (['s_client', 'x509', 'version', 'verify', 'dgst', 'ciphers'].includes(args[0] ?? '') && !has(args, '-out', '-keyout', '-CAcreateserial', '-signkey') ? reads() : changes('it can write keys and certificates')),
  docker: (args) => containers(args), podman: (args) => containers(args),
  kubectl: (args) => (['get', 'describe', 'logs', 'top', 'explain', 'version', 'api-resources', 'cluster-info', 'diff', 'events', 'kustomize'].includes(plainOf(args)[0] ?? '') ? reads() : ['delete', 'drain', 'replace'].includes(plainOf(args)[0] ?? '') ? destroys('it deletes from the cluster, or empties a node') : changes('it changes the cluster')),
};

const CURL_READING = /^(?:-[sSfLIivkgN46]+|--(?:silent|show-error|fail|location|head|include|verbose|insecure|compressed|globoff|http1\.1|http2|no-buffer))$/;
/** Options of curl that take a value and still only read. */
const CURL_VALUES = new Set(['-H', '--header', '-u', '--user', '-m', '--max-time', '--connect-timeout', '-A', '--user-agent', '-w', '--write-out', '--retry', '-b']);

const judgeCurl: Judge = (args) => {
  const method = args.findIndex((arg) => arg === '-X' || arg === '--request');
  if ((method !== -1 && /^delete$/i.test(args[method + 1] ?? '')) || args.some((arg) => /^(?:-X|--request=)delete$/i.test(arg ?? ''))) return destroys('it asks the server to delete');
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? null;
    if (arg !== null && CURL_VALUES.has(arg)) at++;
    else if (arg !== null && /^(?:-X|--request)$/.test(arg) && /^(?:GET|HEAD)$/.test(args[at + 1] ?? '')) at++;
    else if (arg === '-o' && args[at + 1] === '/dev/null') at++;
    else if (arg?.startsWith('-') === true && !CURL_READING.test(arg)) return changes('it sends data or writes files');
  }
  return reads('it asks a server');
};

const containers: Judge = (args) => {
  const [first = '', second = ''] = plainOf(args);
  if (['rm', 'rmi', 'prune', 'kill', 'down'].includes(first) || ['rm', 'prune', 'remove', 'down', 'kill'].includes(second)) return destroys('it deletes or ends containers, images or volumes');
  return ['ps', 'images', 'logs', 'inspect', 'stats', 'top', 'version', 'info', 'port', 'diff', 'events', 'history'].includes(first) || ['ls', 'inspect', 'ps', 'logs'].includes(second) ? reads() : changes('it changes containers');
};

/** What the program of that name does with these arguments; null for one that is not known. */
export function judgeProgram(name: string): Judge | null {
  const destroyer = name.startsWith('mkfs') ? 'it makes a file system: what was there is lost' : Object.hasOwn(DESTROYERS, name) ? DESTROYERS[name] : undefined;
  if (destroyer !== undefined) return () => destroys(destroyer);
  if (READERS.has(name)) return () => reads();
  if (name === 'gawk' || name === 'mawk') return JUDGES['awk'] ?? null;
  return Object.hasOwn(JUDGES, name) ? (JUDGES[name] ?? null) : null;
}
