// Asks an embeddings service over HTTP, once, and checks what it answers.
import { PivoError, type FailureKind } from '../../contract/failures.ts';
import { unitVector } from './embedder.ts';
import type { EmbeddingSettings } from './settings.ts';

export interface EmbeddingRequest {
  url: string;
  headers: Record<string, string>;
  body: unknown;
}

/** The failure of a key that is not there. */
export const keyMissing = (provider: string, variable: string): PivoError =>
  new PivoError('CredentialMissing', `the embeddings provider ${provider} needs a key and none is configured`, { hint: `Set ${variable} for the processes of PIVO, or embeddings.provider = "hashed".` });

/**
 * The JSON that the service answers. No redirect is followed: it could carry the key elsewhere.
 * Fails with CredentialMissing for a refused key, with InvalidInput for another refusal, with Unavailable when there is no answer in time.
 */
export async function askForVectors({ provider, timeout }: EmbeddingSettings, { url, headers, body }: EmbeddingRequest, signal: AbortSignal): Promise<unknown> {
  const patience = AbortSignal.timeout(timeout * 1000);
  try {
    const response = await fetch(url, { method: 'POST', redirect: 'error', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.any([signal, patience]) });
    if (!response.ok) throw refusal(provider, response);
    return await response.json();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PivoError) throw error;
    const why = patience.aborted ? `said nothing for ${timeout} s` : 'cannot be asked';
    throw new PivoError('Unavailable', `the embeddings provider ${provider} ${why}`, { hint: 'Check embeddings.baseUrl and that the server runs; a slow one needs a larger embeddings.timeout.' });
  }
}

/** Without the provider's words: some repeat the key, and some the texts. */
function refusal(provider: string, { status }: Response): PivoError {
  const kind = kindOf(status);
  const said = kind === 'CredentialMissing' ? 'refused the key' : `answered ${status}`;
  return new PivoError(kind, `the embeddings provider ${provider} ${said}`, { facts: { status }, hint: kind === 'Unavailable' ? 'It is asked again after a while.' : 'Correct the key, embeddings.model and embeddings.baseUrl.' });
}

function kindOf(status: number): FailureKind {
  if (status === 401 || status === 403) return 'CredentialMissing';
  return status >= 500 || [408, 409, 425, 429].includes(status) ? 'Unavailable' : 'InvalidInput';
}

/** Vectors of length 1. Fails with InvalidInput where there are not as many, or not as long, as was asked for. */
export function checkedVectors({ provider, dimensions }: EmbeddingSettings, vectors: readonly (readonly number[])[], texts: number): Float32Array[] {
  if (vectors.length !== texts) throw new PivoError('InvalidInput', `the embeddings provider ${provider} answered ${vectors.length} vectors for ${texts} texts`);
  const wrong = vectors.find(({ length }) => length !== dimensions);
  if (wrong !== undefined) throw new PivoError('InvalidInput', `the embeddings provider ${provider} answered vectors of ${wrong.length} dimensions, and ${dimensions} were expected`, { hint: `Set embeddings.dimensions to ${wrong.length}.` });
  return vectors.map((vector) => unitVector(Float32Array.from(vector)));
}
