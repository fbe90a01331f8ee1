// How values become what Temporal keeps: the same for every worker and client of a configuration.
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { CodecSettings } from './codec-key.ts';
import { encryptingCodec, plainCodec } from './payload-codec.ts';

const FAILURE_CONVERTER = fileURLToPath(new URL('../workflows/failure-converter.ts', import.meta.url));

/** With a key, everything is encrypted, messages and stacks of failures too. Fails with CredentialMissing or InvalidInput when the key cannot be had. */
export function dataConverter(codec: CodecSettings | undefined): DataConverter {
  if (codec === undefined) return { payloadCodecs: [plainCodec] };
  return { payloadCodecs: [encryptingCodec(codec)], failureConverterPath: FAILURE_CONVERTER };
}
