// The port to a language model: one step from messages to text and wanted calls.
import type { Message, ModelStep } from '../contract/conversation.ts';

/** A tool as a model is told of it. */
export interface ToolDescription {
  name: string;
  description: string;
  /** JSON Schema of its arguments, draft 2020-12, an object at the top. */
  parameters: Record<string, unknown>;
}

export interface ModelRequest {
  /** What PIVO tells the model about itself, before everything else. */
  instructions: string;
  messages: readonly Message[];
  /** Empty when the model must answer now. */
  tools: readonly ToolDescription[];
}

export interface StepOptions {
  signal: AbortSignal;
  /** Called with each piece of text as it comes, where the provider streams. */
  onText(text: string): void;
}

export interface ModelProvider {
  /** `gemini`, `openai` or `scripted`. */
  readonly name: string;
  readonly model: string;
  /**
   * One answer. Fails with Unavailable (retried by Temporal; `facts.retryAfter` in seconds where the provider says so),
   * with CredentialMissing when the key is missing or refused, with InvalidInput when the provider refuses the request for good.
   * Malformed arguments and unknown tools are not failures: they are handed on in `calls` for the loop to answer.
   */
  step(request: ModelRequest, options: StepOptions): Promise<ModelStep>;
}
