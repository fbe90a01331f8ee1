// Port Embedder: makes vectors of texts, so that texts of one meaning lie near each other.

export interface Embedder {
  /** Names it with its model and dimensions; vectors of two names are never compared. */
  readonly name: string;
  readonly dimensions: number;
  /**
   * One vector of length 1 for each text, in their order.
   * Fails with CredentialMissing, InvalidInput or Unavailable where a service makes them, and with the signal's reason.
   */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
}

/** The vector with length 1; a vector of zeros stays one. */
export function unitVector(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((each) => each / length);
}
