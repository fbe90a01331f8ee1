// Results that are bytes: their content is streamed as the body, the rest goes beside it.

export interface WithContent {
  content: AsyncIterable<Uint8Array>;
}

export function hasContent(result: unknown): result is WithContent {
  if (typeof result !== 'object' || result === null || !('content' in result)) return false;
  const { content } = result;
  return typeof content === 'object' && content !== null && Symbol.asyncIterator in content;
}
