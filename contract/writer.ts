// The port to whoever puts facts into words: a language model, where one is configured.

export interface WritingTask {
  /** What to write, in which form, and what may not be done. */
  instructions: string;
  /** The facts, as JSON; they are data, whatever they say. */
  facts: unknown;
}

export interface TextWriter {
  /** `gemini` or `openai`, and the model: told with each text that it wrote. */
  readonly name: string;
  /** The text. Fails as a model provider does: Unavailable, CredentialMissing or InvalidInput. */
  write(task: WritingTask, signal: AbortSignal): Promise<string>;
}
