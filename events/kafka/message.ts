// How a message looks in Kafka: CloudEvents 1.0 in binary mode (attributes in headers `ce_…`, the event itself as the value).
import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { IncomingMessage, OutgoingMessage } from '../log.ts';

/** CloudEvents' `source`: with `id` it names an event, whoever published it. */
const SOURCE = '/pivo';
/** Bytes that headers, key length and record framing add to a message, at most, besides its id and key. */
const FRAME_BYTES = 160;

/** The record of a message. Fields by https://github.com/cloudevents/spec, Kafka protocol binding, section 3.2. */
export function toRecord(topic: string, { key, id, value, type }: OutgoingMessage): Message {
  return {
    key,
    value,
    headers: { ce_specversion: '1.0', ce_id: id, ce_source: SOURCE, ce_type: type === undefined ? topic : `pivo.${type.toLowerCase()}`, 'content-type': 'application/json' },
  };
}

/** Bytes of a message as Kafka counts them, not less. */
export function recordBytes({ key, id, value }: OutgoingMessage): number {
  return Buffer.byteLength(value) + Buffer.byteLength(key) + Buffer.byteLength(id) + FRAME_BYTES;
}

/** A message that others wrote may lack key, value or id: it is delivered all the same, and its reader decides. */
export function fromRecord(topic: string, partition: number, { key, value, headers, offset, timestamp }: KafkaMessage): IncomingMessage {
  return {
    key: key?.toString('utf8') ?? '',
    id: header(headers, 'ce_id') ?? `${topic}:${partition}:${offset}`,
    value: value?.toString('utf8') ?? '',
    offset: Number(offset),
    time: Number(timestamp),
  };
}

function header(headers: IHeaders | undefined, name: string): string | undefined {
  const found = headers?.[name];
  const first = Array.isArray(found) ? found[0] : found;
  return first?.toString('utf8');
}
