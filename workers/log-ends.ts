// Where the event log's partitions end: as it says now, or as it said last while it does not answer.
import { PivoError } from '../contract/failures.ts';
import type { EventLog, PartitionOffsets } from '../events/log.ts';

/** Whoever asks how the index is does not wait longer than this for the log, milliseconds. */
const ANSWERS_WITHIN = 1_500;

export class LogEnds {
  readonly #events: Pick<EventLog, 'offsets' | 'url'>;
  readonly #topics: string[];
  #known: PartitionOffsets[] = [];
  #asking: Promise<PartitionOffsets[]> | null = null;

  constructor(events: Pick<EventLog, 'offsets' | 'url'>, topics: string[]) {
    this.#events = events;
    this.#topics = topics;
  }

  /** `reason`: why the offsets are those of the last answer (none when there was none yet), or null. */
  async look(): Promise<{ offsets: PartitionOffsets[]; reason: string | null }> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new PivoError('Unavailable', `the event log ${this.#events.url} does not answer`)), ANSWERS_WITHIN);
    try {
      return { offsets: await Promise.race([this.#ask(), late.promise]), reason: null };
    } catch (error) {
      return { offsets: this.#known, reason: (error as Error).message };
    } finally {
      clearTimeout(timer);
    }
  }

  /** One question at a time: a log that is slow to answer is not asked again meanwhile. */
  #ask(): Promise<PartitionOffsets[]> {
    this.#asking ??= this.#events
      .offsets(this.#topics)
      .then((offsets) => (this.#known = offsets))
      .finally(() => (this.#asking = null));
    return this.#asking;
  }
}
