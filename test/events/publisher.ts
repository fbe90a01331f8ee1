// A process that publishes numbered messages until it is killed: `publisher.ts LOG TOPIC KEY`; prints each number when it is durable.
import { openEventLog } from '../../events/open.ts';

const [url = '', topic = '', key = ''] = process.argv.slice(2);
const log = openEventLog(url);
for (let n = 0; ; n += 3) {
  const messages = [n, n + 1, n + 2].map((each) => ({ key, id: `${key}:${each}`, value: `{"n":${each}}` }));
  await log.publish(topic, messages);
  process.stdout.write(`${n + 2}\n`);
}
