// Metrics of this process, by the names that Prometheus' client libraries agreed on.
import type { Family } from './exposition.ts';

const STARTED = Math.floor(Date.now() / 1000 - process.uptime());

export function processFamilies(): Family[] {
  const { user, system } = process.cpuUsage();
  return [
    { name: 'process_cpu_seconds_total', type: 'counter', help: 'Processor time of the server.', samples: [{ value: (user + system) / 1e6 }] },
    { name: 'process_resident_memory_bytes', type: 'gauge', help: 'Memory of the server.', samples: [{ value: process.memoryUsage.rss() }] },
    { name: 'process_start_time_seconds', type: 'gauge', help: 'Start of the server.', samples: [{ value: STARTED }] },
  ];
}
