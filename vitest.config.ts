// How tests run: few processes, since each test starts real git, Temporal, SQLite and, where Java is, real engines.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 300_000, // a first start fetches the engines
    teardownTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
    retry: process.env['CI'] === 'true' ? 2 : 0, // a shared machine can starve real processes of time; what needs a retry is still shown
  },
});
