// Tools that read the archive: files, folders, differences, history.
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { FileContent } from '../../operations/cat.ts';
import type { Difference } from '../../operations/diff.ts';
import type { Tool } from './tool.ts';

/** Bytes of a file that one call reads, unless it asks for fewer. */
const MOST_BYTES = 16_000;

export const getFileContent: Tool = {
  name: 'get_file_content',
  aliases: ['read_file'],
  operation: 'cat',
  kind: 'reads',
  fixed: {},
  fields: { length: z.number().int().positive().max(MOST_BYTES).default(MOST_BYTES).describe('Most bytes to read.') },
  async answer(value, { offset }) {
    const { content, ...file } = value as FileContent;
    const from = offset as number;
    const text = textOf(await allOf(content));
    if (text === null) return { value: { ...file, binary: true } };
    const end = from + Buffer.byteLength(text);
    const rest = end < file.bytes && text !== '' ? { next: end, cut: `There are ${file.bytes - end} more bytes: read on with \`offset\` ${end}.` } : {};
    return { value: { ...file, offset: from, content: text, ...rest }, rest: 'Read fewer bytes at once with `length`.' };
  },
};

async function allOf(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Whole characters only: at most three bytes of the last one stay for the next call. Null for what is no UTF-8 text. */
function textOf(bytes: Buffer): string | null {
  if (bytes.includes(0)) return null;
  for (let less = 0; less <= 3 && less <= bytes.length; less++) {
    const part = bytes.subarray(0, bytes.length - less);
    if (isUtf8(part) && (part.length > 0 || bytes.length === 0)) return part.toString('utf8');
  }
  return null;
}

export const getFileDiff: Tool = {
  name: 'get_file_diff',
  aliases: [],
  operation: 'diff',
  kind: 'reads',
  fixed: { limit: 500, limitBytes: 2 ** 20 },
  answer: (value) => ({ value: value as Difference, list: 'files', rest: 'Give a `path` to see one folder or file; read a long file on both sides with get_file_content.' }),
};

export const listFiles: Tool = {
  name: 'list_files',
  aliases: [],
  operation: 'ls',
  kind: 'reads',
  fixed: {},
  fields: { limit: z.number().int().positive().max(2_000).default(500) },
  answer: (value) => ({ value: value as object, list: 'entries', rest: 'Give a `path` to list one folder; the table changes and path_search find names.' }),
};

export const getHistory: Tool = {
  name: 'get_history',
  aliases: [],
  operation: 'log',
  kind: 'reads',
  fixed: {},
  fields: { limit: z.number().int().positive().max(500).default(50) },
  answer: (value, { skip }) => ({ value: value as object, list: 'commits', rest: `Ask again with a smaller \`limit\`, and with \`skip\` (now ${String(skip)}) for those after.` }),
};
