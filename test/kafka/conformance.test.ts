// Real Kafka keeps what every event log promises: the current release, and the one that `cp-kafka:7.4.0` holds.
import { afterAll, beforeAll, describe } from 'vitest';
import { KAFKA_VERSIONS } from '../../engines/kafka.ts';
import type { EventLog } from '../../events/log.ts';
import { openEventLog } from '../../events/open.ts';
import { eventLogConformance } from '../events/conformance.ts';
import { startTestBroker, testBroker, type TestBroker } from './broker.ts';

KAFKA_VERSIONS.forEach((version, n) => {
  describe(`Kafka ${version}`, () => {
    let broker: TestBroker;
    beforeAll(async () => {
      broker = await (n === 0 ? testBroker() : startTestBroker(version));
    }, 300_000);
    afterAll(() => broker.dispose());

    eventLogConformance(`Kafka ${version}`, async () => {
      await broker.empty();
      const opened: EventLog[] = [openEventLog(broker.url)];
      return {
        log: opened[0] as EventLog,
        again: () => {
          const log = openEventLog(broker.url);
          opened.push(log);
          return Promise.resolve(log);
        },
        dispose: async () => {
          for (const log of opened) await log.close();
        },
      };
    });
  });
});
