// A workflow's history as text and back: the message's own fields, without stacks, which hold paths of a machine.
// (The SDK's own reader of JSON histories fails when npm installs protobufjs more than once.)
import proto from '@temporalio/proto';

const { History: Message } = proto.temporal.api.history.v1;
export type History = proto.temporal.api.history.v1.IHistory;

export function historyToText(history: History): string {
  const plain = Message.toObject(Message.fromObject(history), { longs: String, enums: String, bytes: String });
  return `${JSON.stringify(plain, (key, value: unknown) => (key === 'stackTrace' ? '' : value), 1)}\n`;
}

export function historyFromText(text: string): History {
  return Message.fromObject(JSON.parse(text) as Record<string, unknown>);
}
