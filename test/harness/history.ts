// A workflow's history as text, a line for each event, and back: the message's own fields, without stacks, which hold paths of a machine.
// (The SDK's own reader of JSON histories fails when npm installs protobufjs more than once.)
import proto from '@temporalio/proto';

const { History: Message } = proto.temporal.api.history.v1;
export type History = proto.temporal.api.history.v1.IHistory;

/** What a history calls the folder that its run took place in. */
const PLACE = '/recorded';

/** `folder`: below it were the files of the run; payloads and messages name `/recorded` in its place. Clients without a name have the host's otherwise. */
export function historyToText(history: History, folder = PLACE): string {
  const moved = (text: string): string => text.replaceAll(folder, PLACE);
  const plain = Message.toObject(Message.fromObject(history), { longs: String, enums: String, bytes: String });
  const kept = (key: string, value: unknown): unknown => {
    if (key === 'stackTrace') return '';
    if (typeof value !== 'string') return value;
    if (key === 'identity') return value.replace(/^\d+@.*/, 'client');
    return key === 'data' ? Buffer.from(moved(Buffer.from(value, 'base64').toString('latin1')), 'latin1').toString('base64') : moved(value);
  };
  return `{"events":[\n${((plain['events'] ?? []) as unknown[]).map((event) => JSON.stringify(event, kept)).join(',\n')}\n]}\n`;
}

export function historyFromText(text: string): History {
  return Message.fromObject(JSON.parse(text) as Record<string, unknown>);
}
