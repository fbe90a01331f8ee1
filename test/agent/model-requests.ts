// Conversations for the tests of providers.
import type { Message, ModelStep } from '../../contract/conversation.ts';
import type { ModelRequest } from '../../agent/model.ts';

export const TOOL = {
  name: 'query_metadata',
  description: 'Asks the index.',
  parameters: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { sql: { type: 'string', minLength: 1, maxLength: 100_000, description: 'A statement' }, limit: { default: 1000, type: 'integer', exclusiveMinimum: 0, maximum: 100_000 }, kind: { const: 'a' } },
    required: ['sql'],
    additionalProperties: false,
  },
};

export const requestOf = (messages: Message[], tools: ModelRequest['tools'] = [TOOL]): ModelRequest => ({ instructions: 'Be exact.', messages, tools });
export const question = (text: string): Message => ({ role: 'user', text });
export const result = (call: string, content: unknown, rest: Partial<Extract<Message, { role: 'tool' }>> = {}): Message => ({ role: 'tool', call, name: TOOL.name, content: typeof content === 'string' ? content : JSON.stringify(content), cut: false, failed: false, ...rest });

/** The message that a step becomes. */
export const answered = ({ text, calls, native }: ModelStep): Message => ({ role: 'assistant', text, calls, ...(native === undefined ? {} : { native }) });
