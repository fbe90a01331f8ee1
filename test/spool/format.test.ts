// docs/spool.md is enough to write a segment: its example in hex, and its ten lines of Python.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Frame } from '../../contract/spool.ts';
import { encodeFrame } from '../../spool/frame.ts';
import { hasPython, msgpackOfPython } from '../harness/python-tools.ts';
import { framesOf, makeSpool, segmentName, type TestSpool } from './segments.ts';

const EXAMPLE: Frame = { kind: 'event', key: 'web', time: 1_763_700_000_000, id: 'deploy-42', payload: { type: 'deploy' } };
let spool: TestSpool;

beforeAll(async () => {
  spool = await makeSpool();
});
afterAll(() => spool.remove());

async function blockOf(language: string): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../../docs/spool.md'), 'utf8');
  const [, block = ''] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(text) ?? [];
  expect(block).not.toBe('');
  return block;
}

it('the example in hex is the frame that it says, byte by byte', async () => {
  const hex = (await blockOf('hex')).split('\n').map((line) => line.slice(0, 35).replaceAll(' ', '')).join('');
  expect(Buffer.from(encodeFrame(EXAMPLE)).toString('hex')).toBe(hex);
  expect(await framesOf(await spool.byHand('event', segmentName('event', 1), Buffer.from(hex, 'hex')))).toEqual([EXAMPLE]);
});

it.skipIf(!(await hasPython()))('its Python lands a segment that PIVO reads', async () => {
  const { python, env } = await msgpackOfPython();
  const program = join(spool.root, 'put.py');
  await mkdir(spool.places.temporary, { recursive: true });
  await mkdir(spool.places.incoming('metric'), { recursive: true });
  await writeFile(program, `${await blockOf('python')}
put(${JSON.stringify(spool.root)}, "metric", [("cpu", 1763700000000 + i, f"cpu-{i}", {"name": "cpu", "value": i / 7, "labels": {"host": "ä" * (i % 9)}}) for i in range(1000)])
`);
  await promisify(execFile)(python, [program], { env });
  const [segment] = await spool.waiting('metric');
  const frames = await framesOf(segment?.path ?? '', 'metric');
  expect(frames).toHaveLength(1_000);
  expect(frames[7]).toEqual({ kind: 'metric', key: 'cpu', time: 1_763_700_000_007, id: 'cpu-7', payload: { name: 'cpu', value: 1, labels: { host: 'äääääää' } } });
});
