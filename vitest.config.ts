// How tests run: few processes, since each test starts real git, Temporal, SQLite and, where Java is, real engines.
import { defineConfig } from 'vitest/config';

/** Suites that use the engines that the whole run shares (test/harness/engines.ts): side by side where each keeps to folders of its own. */
const ENGINES = ['test/webhdfs/**/*.test.ts'];
/** One file at a time: these kill engines, empty Kafka's topics, whose names are fixed, or count Spark's applications. */
const ALONE = ['test/engine-faults/**/*.test.ts', 'test/engines/**/*.test.ts', 'test/kafka/**/*.test.ts', 'test/spark/**/*.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['test/harness/engines-of-run.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 300_000, // a first start fetches the engines
    teardownTimeout: 60_000, // engines end
    expect: { poll: { timeout: 20_000 } },
    retry: process.env['CI'] === 'true' ? 2 : 0, // a shared machine can starve real processes of time; what needs a retry is still shown
    projects: [
      { extends: true, test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: [...ENGINES, ...ALONE], sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'engines', include: ENGINES, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'engines-alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
