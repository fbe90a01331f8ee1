// A port of this machine that is free.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** `preferred` when nobody has it, else a port that the system picks. Another process may still be faster. */
export async function freePort(ip: string, preferred = 0): Promise<number> {
  const server = createServer();
  server.listen(preferred, ip);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (preferred !== 0 && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') return freePort(ip);
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
