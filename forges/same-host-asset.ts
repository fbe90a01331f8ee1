// A file of a release by its address: taken from the forge itself only, since the token goes along.
import type { ForgeAccess, Wire } from './wire.ts';

/** The bytes as they come, or why they are not the forge's to give. */
export function assetAt(address: unknown, { api }: ForgeAccess, wire: Wire, most: number, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> | string {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (url === null) return 'the forge gives no address for it';
  if (url.origin !== api.origin) return `it is on another host, ${url.host}`;
  return wire.stream(url, { elsewhere: true, largest: most, signal });
}
