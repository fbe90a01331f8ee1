// Ports of loopback: free ones, the same again after a restart wherever possible, and whether somebody listens.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { writeWhole } from './files.ts';

export const IP = '127.0.0.1';

export type Ports<Name extends string> = Record<Name, number>;

/** One free port a name: the one in `file` while nobody has it, else any. All are held until all are found, so that they differ. */
export async function choosePorts<Name extends string>(names: readonly Name[], file: string): Promise<Ports<Name>> {
  const former = await formerPorts(file);
  const held: Server[] = [];
  const ports: Partial<Ports<Name>> = {};
  try {
    for (const name of names) {
      const server = await listen(former[name] ?? 0);
      held.push(server);
      ports[name] = (server.address() as AddressInfo).port;
    }
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => void server.close(resolve))));
  }
  writeWhole(file, JSON.stringify(ports));
  return ports as Ports<Name>;
}

async function formerPorts(file: string): Promise<Record<string, number>> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return JSON.parse(text) as Record<string, number>;
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, IP);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (port !== 0 && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') return listen(0);
    throw error;
  }
}

/** True when somebody accepts connections there. */
export async function isListening(ip: string, port: number): Promise<boolean> {
  const socket = connect(port, ip);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
