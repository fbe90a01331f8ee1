// The tools that agent and MCP offer: operations that read or start, never one that decides.
import { z } from 'zod';
import type { ToolOutcome } from '../../contract/conversation.ts';
import { PivoError, isPivoError, type FailureReport } from '../../contract/failures.ts';
import { parseInput } from '../../contract/validation.ts';
import { loadOperation } from '../../operations/index.ts';
import type { Operation, OperationContext } from '../../operations/operation.ts';
import type { ToolDescription } from '../model.ts';
import { listBatches } from './batches.ts';
import { archiveCost } from './cost.ts';
import { debug } from './debug.ts';
import { listDeliveries } from './deliveries.ts';
import { fit } from './fit.ts';
import { fleetStatus, listFleetRuns } from './fleets.ts';
import { generateDocumentation } from './documentation.ts';
import { getJobStatus, listPendingApprovals, submitIngestJob, submitRestoreAllJob, submitRestoreJob } from './jobs.ts';
import { checkPipelineStatus, commitPipeline, generatePipeline } from './pipeline.ts';
import { listPushes } from './pushes.ts';
import { getFileContent, getFileDiff, getHistory, listFiles } from './reading.ts';
import { searchForge } from './search-forge.ts';
import { searchLogs } from './search-logs.ts';
import { generateShellCommand } from './shell.ts';
import { listSources, listSourceRepositories } from './sources.ts';
import { spoolStatus } from './spool.ts';
import { queryMetadata } from './sql.ts';
import { topK } from './top-k.ts';
import { optimizeResources } from './tuning.ts';
import { uploadLogs } from './upload.ts';
import type { Tool, ToolAnswer, ToolInput, ToolOptions } from './tool.ts';

export const tools: readonly Tool[] = [queryMetadata, getFileContent, getFileDiff, listFiles, getHistory, submitIngestJob, submitRestoreJob, submitRestoreAllJob, getJobStatus, listPendingApprovals, searchLogs, searchForge, topK, debug, uploadLogs, listDeliveries, listPushes, listSources, listSourceRepositories, listFleetRuns, fleetStatus, spoolStatus, listBatches, generateDocumentation, generateShellCommand, optimizeResources, generatePipeline, commitPipeline, checkPipelineStatus, archiveCost];

/** A tool as the doors that offer it tell of it. */
export interface DescribedTool extends ToolDescription {
  aliases: readonly string[];
  kind: Tool['kind'];
}

/** Every tool with its JSON schema, made from the operation's own. */
export async function describeTools(): Promise<DescribedTool[]> {
  return Promise.all(tools.map(async (tool) => {
    const operation = await operationOf(tool);
    const parameters = z.toJSONSchema(schemaOf(tool, operation), { io: 'input' }) as Record<string, unknown>;
    return { name: tool.name, aliases: tool.aliases, kind: tool.kind, description: [operation.description, tool.note].filter((text) => text !== undefined).join(' '), parameters };
  }));
}

/**
 * Calls a tool, by its name or an alias. Never fails: an unknown tool, malformed arguments and whatever the operation
 * fails with are outcomes, for the model to read. Content is JSON within the budget.
 */
export async function callTool(context: OperationContext, name: string, given: unknown, options: ToolOptions): Promise<ToolOutcome> {
  const started = performance.now();
  const asked: { sql?: string } = {};
  const milliseconds = (): number => Math.round(performance.now() - started);
  try {
    const { value, list, rest, ...shown } = await run(context, name, given, options, asked);
    const { content, cut } = fit({ value, ...(list === undefined ? {} : { list }), ...(rest === undefined ? {} : { rest }) });
    return { content, cut, ...asked, ...shown, milliseconds: milliseconds() };
  } catch (error) {
    const failure = reportOf(error, context);
    const { kind, message, hint } = failure;
    return { ...fit({ value: { failure: { kind, message, hint } } }), failure, ...asked, milliseconds: milliseconds() };
  }
}

async function run(context: OperationContext, name: string, given: unknown, options: ToolOptions, asked: { sql?: string }): Promise<ToolAnswer> {
  const tool = tools.find((each) => each.name === name || each.aliases.includes(name));
  if (tool === undefined) throw new PivoError('NotFound', `there is no tool "${name.slice(0, 100)}"`, { hint: `Tools: ${tools.map((each) => each.name).join(', ')}.` });
  const operation = await operationOf(tool);
  const input = parseInput(schemaOf(tool, operation), given ?? {}, `${tool.name} arguments`) as ToolInput;
  const prepared = tool.prepare === undefined ? input : await tool.prepare(input, context, options);
  if (typeof prepared['sql'] === 'string') asked.sql = prepared['sql'];
  const full = parseInput(operation.input, { ...prepared, ...tool.fixed }, `${tool.name} arguments`);
  const request = options.request === undefined ? {} : { request: options.request };
  const people = (await context.vault?.open())?.people;
  const here = (): Promise<unknown> => operation.run(context, full, { signal: options.signal, onProgress: () => {}, ...request });
  const answer = await tool.answer(await (options.elsewhere === undefined ? here() : options.elsewhere(operation.name, full as object, here)), input);
  return people?.texts(answer) ?? answer; // files have the addresses that their writers put there
}

/** Fails with Internal for an operation that decides: it can never be a tool, whoever adds it to the list. */
async function operationOf(tool: Tool): Promise<Operation> {
  const operation = await loadOperation(tool.operation);
  if (operation.kind !== tool.kind) throw new PivoError('Internal', `the operation ${operation.name} ${operation.kind}: it cannot be the tool ${tool.name}`);
  return operation;
}

function schemaOf({ fixed, fields = {} }: Tool, { input }: Operation): z.ZodObject {
  const object = input as z.ZodObject;
  const shape = Object.fromEntries(Object.entries(object.shape).filter(([name]) => !(name in fixed)));
  return z.strictObject({ ...shape, ...fields });
}

/** No stack, no secret: what is not ours is told by its message only. */
function reportOf(error: unknown, { log }: OperationContext): FailureReport {
  if (isPivoError(error)) return error.report();
  log.error({ error }, 'a tool failed unexpectedly');
  return new PivoError('Internal', error instanceof Error ? error.message : String(error), { hint: 'This is a fault of PIVO; its log has more.' }).report();
}
