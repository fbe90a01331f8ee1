// Frames as bytes: what is encoded comes back, and the quick check knows what the schema knows.
import { crc32 } from 'node:zlib';
import { decode, encode } from '@msgpack/msgpack';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame } from '../../contract/spool.ts';
import { isFrame, problemOfFrame } from '../../spool/frame-check.ts';
import { decodeBody, encodeFrame } from '../../spool/frame.ts';
import { anyFrame, eventFrame, nearlyFrame } from './frames.ts';

const body = (...values: unknown[]): Uint8Array => encode(values);
const bodyOf = (bytes: Uint8Array): Uint8Array => (decode(bytes) as [Uint8Array, number])[0];
const good = eventFrame(1);

describe('a frame', () => {
  it('comes back from its bytes as it was', () => {
    fc.assert(fc.property(anyFrame, (frame) => {
      expect(decodeBody(bodyOf(encodeFrame(frame)))).toEqual(frame);
    }), { numRuns: 300 });
  });

  it('is an array of its body and the CRC-32 of it, which any MessagePack library reads', () => {
    const [bytes, crc] = decode(encodeFrame(good)) as [Uint8Array, number];
    expect(crc).toBe(crc32(bytes));
    expect(decode(bytes)).toEqual([1, 'event', good.key, good.time, good.id, good.payload]);
  });

  it('is accepted by the quick check exactly where the schema accepts it', () => {
    let accepted = 0;
    fc.assert(fc.property(nearlyFrame, (value) => {
      const schema = Frame.safeParse(value).success;
      accepted += Number(schema);
      expect(isFrame(value)).toBe(schema);
    }), { numRuns: 3_000 });
    expect(accepted).toBeGreaterThan(300);
  });

  it('is accepted up to the schema\'s limits and not beyond', () => {
    const of = (change: object, payload: object = {}): unknown => ({ ...good, ...change, payload: { ...good.payload, ...payload } });
    const values = [
      of({ key: 'k'.repeat(512) }), of({ key: 'k'.repeat(513) }), of({ key: '' }), of({ id: '' }), of({ time: -1 }), of({ time: 253_402_300_799_999 }), of({ time: 253_402_300_800_000 }), of({ time: 1.5 }), of({ kind: 'other' }),
      of({}, { type: '' }), of({}, { type: 't'.repeat(201) }), of({}, { text: 't'.repeat(65_536) }), of({}, { text: 't'.repeat(65_537) }), of({}, { data: { ['k'.repeat(201)]: 1 } }), of({}, { data: { a: { ['k'.repeat(201)]: 1 } } }), of({}, { data: [] }), of({}, { more: 1 }), of({ more: 1 }),
      null, [], 'event', 7, { kind: 'event' },
    ];
    expect(values.map(isFrame)).toEqual(values.map((value) => Frame.safeParse(value).success));
    expect(values.map(isFrame)).toContain(true);
  });

  it('that is refused is refused in words', () => {
    expect(problemOfFrame({ ...good, kind: 'event', time: 'now' })).toContain('time: ');
    expect(problemOfFrame({ ...good, kind: 'other' })).toContain('one of push, event, metric');
    expect(() => encodeFrame({ ...good, key: '' })).toThrow(/key: /);
  });
});

describe('encoding', () => {
  const withData = (data: unknown): Frame => ({ ...good, payload: { type: 't', data } }) as Frame;

  it('refuses what no reader would take: depth, size, half characters, U+0000, what is no data', () => {
    const deep = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 0);
    const round: Record<string, unknown> = {};
    round['round'] = round;
    expect(() => encodeFrame(withData({ a: deep(29) }))).not.toThrow();
    expect(() => encodeFrame(withData({ a: deep(30) }))).toThrow(/deep/);
    expect(() => encodeFrame(withData({ a: deep(100_000) }))).toThrow(/deep/i);
    expect(() => encodeFrame(withData(round))).toThrow(/deep/i);
    expect(() => encodeFrame(withData({ a: 'x'.repeat(2 ** 20) }))).toThrow(/1048576/);
    expect(() => encodeFrame(withData({ a: Array.from({ length: 65_537 }, () => 0) }))).toThrow(/65536 elements/);
    expect(() => encodeFrame(withData(Object.fromEntries(Array.from({ length: 4_097 }, (_, i) => [`k${i}`, 0]))))).toThrow(/4096 members/);
    expect(() => encodeFrame(withData({ a: '\uD800' }))).toThrow(/UTF-8|surrogate/);
    expect(() => encodeFrame(withData({ a: `${'long enough for another encoder '.repeat(4)}\uD800` }))).toThrow(/surrogate/);
    expect(() => encodeFrame(withData({ a: 'nul \0' }))).toThrow(/U\+0000/);
    expect(() => encodeFrame(withData({ a: `é ${'x'.repeat(99)} \0` }))).toThrow(/U\+0000/);
    expect(() => encodeFrame(withData({ a: new Date() }))).toThrow();
    expect(() => encodeFrame(withData({ a: 1n }))).toThrow();
    expect(() => encodeFrame(withData({ a: new Uint8Array(3) }))).toThrow();
  });

  it('leaves nothing behind that harms the next frame', () => {
    expect(() => encodeFrame(withData({ a: 1n }))).toThrow();
    expect(decodeBody(bodyOf(encodeFrame(good)))).toEqual(good);
  });
});

describe('decoding', () => {
  const hostile: readonly [string, Uint8Array | number[], RegExp][] = [
    ['nothing', [], /longer than the body/],
    ['no array', encode({ a: 1 }), /not an array/],
    ['another version', body(2, 'event', 'k', 1, 'i', { type: 't' }), /version 2/],
    ['a version that is no number', body('1', 'event', 'k', 1, 'i', { type: 't' }), /version nothing/],
    ['too many parts', body(1, 'event', 'k', 1, 'i', { type: 't' }, 7), /7 parts/],
    ['bytes after the value', [...body(1, 'event', 'k', 1, 'i', { type: 't' }), 0], /1 bytes follow/],
    ['a huge array in five bytes', [0xdd, 0xff, 0xff, 0xff, 0xff], /65536 elements/],
    ['a huge map in five bytes', [0xdf, 0xff, 0xff, 0xff, 0xff], /4096 members/],
    ['an array longer than the body', [0xdc, 0xff, 0xff, 0], /longer than the body/],
    ['a text longer than the body', [0xdb, 0xff, 0xff, 0xff, 0xff, 0x41], /longer than the body/],
    ['a bomb of arrays within each other', Array.from({ length: 1_000_000 }, () => 0x91), /nested deeper than 32/],
    ['a bomb of maps within each other', Array.from({ length: 1_000_000 }, (_, i) => (i % 2 === 0 ? 0x81 : 0xa0)), /nested deeper than 32/],
    ['an extension', body(1, 'event', 'k', 1, 'i', { type: 't', data: { at: new Date() } }), /type 0x/],
    ['bytes', body(1, 'event', 'k', 1, 'i', { type: 't', data: { at: new Uint8Array(9) } }), /type 0xc4/],
    ['the type that is never used', [0xc1], /type 0xc1/],
    ['a key that is a number', [0x96, 1, 0xa5, ...Buffer.from('event'), 0xa1, 0x6b, 1, 0xa1, 0x69, 0x81, 1, 2], /key of a map/],
    ['a number of 64 bits', [0x91, 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], /53 bits/],
    ['a negative number of 64 bits', [0x91, 0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], /53 bits/],
    ['a text that is not UTF-8', [0x91, 0xa2, 0xc3, 0x28], /not UTF-8/],
    ['half a surrogate pair in bytes', [0x91, 0xa3, 0xed, 0xa0, 0x80], /not UTF-8/],
    ['a text with U+0000', [0x91, 0xa2, 0x41, 0], /U\+0000/],
    ['the name that changes objects', [0x96, 1, 0xa5, ...Buffer.from('event'), 0xa1, 0x6b, 1, 0xa1, 0x69, 0x81, 0xa9, ...Buffer.from('__proto__'), 1], /__proto__/],
    ['a payload of another kind', body(1, 'metric', 'k', 1, 'i', { type: 't' }), /name|type/],
    ['no finite value', body(1, 'metric', 'k', 1, 'i', { name: 'n', value: Number.NaN }), /value/],
  ];

  it.each(hostile)('refuses %s', (_, bytes, reason) => {
    expect(() => decodeBody(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ kind: 'InvalidInput', message: expect.stringMatching(reason) as unknown }));
  });

  it('refuses every cut of a body, and takes numbers and texts in any width that MessagePack has', () => {
    const whole = bodyOf(encodeFrame(good));
    for (let end = 0; end < whole.length; end++) expect(() => decodeBody(whole.subarray(0, end))).toThrow();
    const wide = [0xdd, 0, 0, 0, 6, 0xd3, 0, 0, 0, 0, 0, 0, 0, 1, 0xdb, 0, 0, 0, 5, ...Buffer.from('event'), 0xda, 0, 1, 0x6b, 0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xd9, 1, 0x69, 0xdf, 0, 0, 0, 1, 0xd9, 4, ...Buffer.from('type'), 0xa1, 0x74];
    expect(decodeBody(Uint8Array.from(wide))).toEqual({ kind: 'event', key: 'k', time: 1, id: 'i', payload: { type: 't' } });
  });

  it('never throws anything but InvalidInput, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeBody(bytes);
      } catch (error) {
        expect(error).toMatchObject({ kind: 'InvalidInput' });
      }
    }), { numRuns: 2_000 });
  });
});
