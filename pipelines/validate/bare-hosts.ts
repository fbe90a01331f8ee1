// Hosts that commands are given without a scheme in front: `curl example.org/x`, `nc example.org 80`, `docker login example.org`.
import type { Command } from 'unbash';
import { SENDERS, takesValue } from './programs.ts';
import { started } from './words.ts';

const REMOTE = new Set(['ssh', 'scp', 'sftp', 'rsync', 'ssh-keyscan', 'sshpass']);
const REGISTRIES = new Set(['docker', 'podman', 'buildah', 'skopeo', 'crane', 'oras', 'helm']);

/** A name with a dot and a last part of letters, an address of numbers, or a variable; a path and a port may follow. */
const HOST = /^(?:[^@\s/]{1,100}@)?((?:[\w${}-]{1,63}\.)+[a-z]{2,20}|\d{1,3}(?:\.\d{1,3}){3}|0x[0-9a-f]{1,8}|\$\w+|\$\{\w+\})(?::\d+)?(?=[/:?]|$)/i;
/** Ends of names of files, which programs are given as well. */
const FILES = /\.(?:json|ya?ml|txt|sh|py|js|ts|gz|tgz|tar|zip|xml|html|log|conf|pem|crt|key|out|toml|md|jar|deb|rpm|whl)$/i;

/** Hosts among the arguments of a command; none for programs that speak to nobody. */
export function bareHosts(command: Command): string[] {
  const { program, args } = started(command);
  const login = REGISTRIES.has(program) && args.some(({ value }) => value === 'login');
  if (!SENDERS.has(program) && !REMOTE.has(program) && !login) return [];
  return args.flatMap(({ value }, at) => {
    const before = args[at - 1]?.value ?? '';
    if (value.startsWith('-') || value.includes('://') || (before.startsWith('-') && takesValue(program, before))) return [];
    const host = HOST.exec(value)?.[1];
    return host === undefined || (FILES.test(value) && !value.includes('/')) || (REMOTE.has(program) && !value.includes('@') && !value.includes(':') && program !== 'ssh' && program !== 'ssh-keyscan') ? [] : [host];
  });
}
