// Encrypts what Temporal keeps of a run: inputs, results, heartbeats, memos and failures, with AES-256-GCM.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import proto from '@temporalio/proto';
import { PivoError } from '../contract/failures.ts';
import type { CodecSettings } from './codec-key.ts';

const { Payload } = proto.temporal.api.common.v1;
type Payload = proto.temporal.api.common.v1.IPayload;

/** Names and layout as in Temporal's encryption samples: nonce, ciphertext, tag over the payload's own protobuf bytes. */
const ENCODING = 'binary/encrypted';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Codec {
  encode(payloads: Payload[]): Promise<Payload[]>;
  decode(payloads: Payload[]): Promise<Payload[]>;
}

/**
 * The codec of a key. Payloads that are not encrypted pass as they are: a run that was started by hand is read too.
 * Decoding fails with CredentialMissing when a payload needs another key, with Damaged when it was changed.
 */
export function encryptingCodec(settings: CodecSettings): Codec {
  const key = settings.key();
  const id = keyId(key);
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(payload, key, id)),
    decode: async (payloads) => payloads.map((payload) => (isEncrypted(payload) ? decrypt(payload, { key, id, source: settings.source }) : payload)),
  };
}

/** The codec where no key is configured: passes everything, but says what is missing instead of failing on the encoding. */
export const plainCodec: Codec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) => {
    const encrypted = payloads.find((payload) => isEncrypted(payload));
    if (encrypted === undefined) return payloads;
    throw new PivoError('CredentialMissing', `this run's data is encrypted with the key ${keyIdOf(encrypted)}, and no key is configured here`, { hint: 'Set temporal.codec.keyFile in config.toml, then start again.' });
  },
};

/** Names a key without telling anything of it: 12 hex digits of its SHA-256; the key is 256 random bits. */
function keyId(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}

function encrypt(payload: Payload, key: Buffer, id: string): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  const data = Buffer.concat([nonce, cipher.update(Payload.encode(payload).finish()), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(id) }, data };
}

function decrypt(payload: Payload, { key, id, source }: { key: Buffer; id: string; source: string }): Payload {
  const wanted = keyIdOf(payload);
  if (wanted !== id) throw new PivoError('CredentialMissing', `this run's data is encrypted with the key ${wanted}, and ${source} holds the key ${id}`, { hint: 'Give every worker and client the key that the run was started with.' });
  const data = Buffer.from(payload.data ?? []);
  try {
    const decipher = createDecipheriv(CIPHER, key, data.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    return Payload.decode(Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]));
  } catch (error) {
    throw new PivoError('Damaged', `a payload of the key ${id} is not as it was encrypted`, { cause: error });
  }
}

const field = (payload: Payload, name: string): string => Buffer.from(payload.metadata?.[name] ?? []).toString();
const isEncrypted = (payload: Payload): boolean => field(payload, 'encoding') === ENCODING;
const keyIdOf = (payload: Payload): string => field(payload, 'encryption-key-id');
