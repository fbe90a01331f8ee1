// The vault's cryptography: sealing by AES-256-GCM, and tokens by HMAC-SHA256 (RFC 2104), both of node:crypto.
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { PivoError } from '../contract/failures.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Of a token: 128 bits, so that two people never share one. */
const TOKEN_HEX = 32;

/** Nonce, tag and ciphertext in one; `label` must be the same to open it, so that no blob can take another's place. */
export function seal(key: Buffer, label: string, content: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(label));
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

/** What `seal` was given. Fails with Damaged when key, label or bytes are others. */
export function unseal(key: Buffer, label: string, sealed: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(label)).setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new PivoError('Damaged', `the vault's entry ${label} cannot be opened: it was changed, or its key is another`, { hint: 'Bring vault.db and its key back from one backup.', cause: error });
  }
}

/** The token of a text under the vault's pepper: the same text has the same one, and without the pepper nobody can tell. */
export const tokenFrom = (pepper: Buffer, text: string): string => `pii-${createHmac('sha256', pepper).update(text).digest('hex').slice(0, TOKEN_HEX)}`;

/** Names a key without telling it. */
export const keyId = (key: Buffer): string => createHash('sha256').update('pivo vault key\0').update(key).digest('hex').slice(0, 16);
