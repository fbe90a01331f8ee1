// No secret gets past redaction, and ordinary words do.
import { describe, expect, it } from 'vitest';
import { redact } from '../../logs/redact.ts';
import { SECRETS, linesWithSecrets } from './secrets.ts';

describe('redaction', () => {
  it.each(linesWithSecrets())('hides the secret of %s', (line) => {
    const clean = redact(line);
    for (const secret of SECRETS) expect(clean).not.toContain(secret);
    expect(clean).toContain('[hidden]');
    expect(redact(clean)).toBe(clean);
  });

  it.each([
    'Starting task 3.0 in stage 1.0 (TID 7) (host, executor 1, partition 3, PROCESS_LOCAL, 4611 bytes)',
    'BLOCK* allocate blk_1073741825_1001, replicas=10.0.0.1:9866 for /user/hive/warehouse/keys/part-0',
    'Token count 512, tokens=512, key=value, keyspace: orders, author: ada, https://host.example/a@b/c',
    'basic authentication failed for user ada', 'bearer of bad news', 'task-set sk-1',
  ])('leaves %s', (line) => {
    expect(redact(line)).toBe(line);
  });
});
