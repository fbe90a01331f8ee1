// Operation `log-sources`: the logs that the log index has.
import { LogSourcesInput, type LogSource } from '../contract/logs.ts';
import { listSources } from '../logs/sources.ts';
import { defineOperation } from './operation.ts';

export const logSources = defineOperation({
  name: 'log-sources',
  description: 'Lists the logs of the log index: name, system, format, run, lines and times; those with the newest entries first.',
  kind: 'reads',
  input: LogSourcesInput,
  run: ({ paths }, question): Promise<{ sources: LogSource[] }> => Promise.resolve({ sources: listSources(paths.logIndex, question) }),
});
