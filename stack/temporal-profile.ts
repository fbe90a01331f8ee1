// How to reach a Temporal: TLS, API key and headers as the Temporal CLI reads them (TEMPORAL_* and temporal.toml).
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { PivoError } from '../contract/failures.ts';
import type { CodecSettings } from './codec-key.ts';

export interface TemporalAddress {
  /** `host:port` of the gRPC service. */
  address: string;
  namespace: string;
  /** The key that payloads are encrypted with; none: they are plain. */
  codec?: CodecSettings | undefined;
}

type ConnectionOptions = ReturnType<typeof loadClientConnectConfig>['connectionOptions'];

/**
 * Connection options for an address. The user's Temporal profile applies when it names the same address, or none
 * while the address is not of this machine: the embedded server never gets the TLS or key of another one.
 * Fails with InvalidInput when the profile cannot be read.
 */
export function temporalConnectionOptions({ address }: Pick<TemporalAddress, 'address'>): ConnectionOptions {
  const profile = readProfile();
  const applies = profile.address === undefined ? !isLoopback(address) : profile.address === address;
  return applies ? { ...profile, address } : { address, tls: false };
}

function readProfile(): ConnectionOptions {
  try {
    return loadClientConnectConfig().connectionOptions;
  } catch (error) {
    throw new PivoError('InvalidInput', `the Temporal profile cannot be read: ${(error as Error).message}`, {
      hint: 'Correct the TEMPORAL_* variables or temporal.toml; `temporal config list` shows them.',
      cause: error,
    });
  }
}

function isLoopback(address: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):/.test(address);
}
