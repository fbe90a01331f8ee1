// Port EventLog: ordered, durable messages by topic and partition; at least once.

export interface OutgoingMessage {
  /** Messages of one key stay in order: they go to one partition. */
  key: string;
  /** Deterministic id of the event, the same on a retry. */
  id: string;
  /** UTF-8 JSON. */
  value: string;
  /** What the event is, e.g. COMMIT: a log that has headers tells it there, for readers that do not parse the value. */
  type?: string;
}

export interface IncomingMessage extends OutgoingMessage {
  offset: number;
  /** When the log took it, milliseconds since 1970. */
  time: number;
}

export interface Batch {
  topic: string;
  partition: number;
  messages: IncomingMessage[];
}

export interface PartitionOffsets {
  topic: string;
  partition: number;
  /** Offset of the oldest message that is kept. */
  low: number;
  /** Offset that the next message will get. */
  high: number;
}

export interface Subscription {
  /** Consumers of one group share the partitions; null: this one reads all of them, whoever else reads. */
  group: string | null;
  topics: string[];
  /** Offset to go on from; the consumer keeps it, the log does not. */
  position(topic: string, partition: number): number;
  /** Called when reading begins, and again whenever a group shared its partitions out anew. */
  started?(): void;
  /** Called with one batch at a time per partition; when it fails, the batch comes again. */
  handle(batch: Batch): Promise<void>;
  signal: AbortSignal;
}

/** Every method fails with a PivoError: Unavailable, or InvalidInput for a message that the log can never take. */
export interface EventLog {
  /** What a person sees, e.g. `kafka://broker:9092`; never a secret. */
  readonly url: string;
  /** Returns when all messages are durable, in the order given per key. */
  publish(topic: string, messages: OutgoingMessage[], signal?: AbortSignal): Promise<void>;
  /** Delivers from the positions on and waits for more; returns when the signal aborts. */
  subscribe(subscription: Subscription): Promise<void>;
  /** First and next offset of every partition of the topics. */
  offsets(topics: string[]): Promise<PartitionOffsets[]>;
  close(): Promise<void>;
}
