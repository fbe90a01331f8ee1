// What a tool answered as an MCP result: text for any client, the same as structured content.
import type { CallToolResult, Tool as McpTool } from '@modelcontextprotocol/server';
import type { ToolOutcome } from '../../contract/conversation.ts';

/** True of every tool: what an operation answers has a shape of its own and is not promised twice. */
export const OUTPUT_SCHEMA: NonNullable<McpTool['outputSchema']> = {
  type: 'object',
  properties: {
    result: { description: 'what the tool answers' },
    cut: { type: 'boolean', description: 'the result is not whole; it says how to get the rest' },
    sql: { type: 'string', description: 'the statement that was run' },
    approval_required: {
      type: 'object',
      description: 'nothing happens until a person approves this plan',
      properties: { workflowId: { type: 'string' }, planHash: { type: 'string' }, summary: { type: 'string' }, run: { type: 'string', description: 'the command with which a person approves' } },
      required: ['workflowId', 'planHash', 'summary', 'run'],
    },
    failure: {
      type: 'object',
      properties: { kind: { type: 'string' }, message: { type: 'string' }, hint: { type: 'string' } },
      required: ['kind', 'message'],
    },
  },
};

/** Content is the JSON text that the agent's model would read; a plan that waits is told in words as well. */
export function resultOf(outcome: ToolOutcome): CallToolResult {
  const { content, cut, sql, approval, failure } = outcome;
  if (failure !== undefined) {
    const { kind, message, hint } = failure;
    return { isError: true, content: [text(`${kind}: ${message}${hint === undefined ? '' : `\nhint: ${hint}`}`)], structuredContent: { failure: { kind, message, ...(hint === undefined ? {} : { hint }) } } };
  }
  const required = approval === undefined ? undefined : { ...approval, run: `pivo approve ${approval.workflowId} ${approval.planHash}` };
  return {
    content: [text(content), ...(required === undefined ? [] : [text(`approval_required: ${required.summary}\nPlan ${required.planHash}. Nothing happens until a person runs: ${required.run}`)])],
    structuredContent: { result: JSON.parse(content) as unknown, cut, ...(sql === undefined ? {} : { sql }), ...(required === undefined ? {} : { approval_required: required }) },
  };
}

const text = (value: string): { type: 'text'; text: string } => ({ type: 'text', text: value });
