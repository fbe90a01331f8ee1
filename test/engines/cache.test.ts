// The cache of what registries give: whole or not there, filled once, resumed after an interruption.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetched, type EngineOptions } from '../../engines/cache.ts';
import { enginePlaces } from '../../engines/index.ts';

describe('the cache', () => {
  let folder = '';
  let options: EngineOptions;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pivo-engine-cache-'));
    options = enginePlaces({ ...process.env, XDG_CACHE_HOME: folder });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is filled once when two want the same', async () => {
    let fills = 0;
    const fill = async (aside: string): Promise<void> => {
      fills++;
      await writeFile(join(aside, 'jar'), 'whole');
    };
    const [one, two] = await Promise.all([fetched('thing-1', options, fill), fetched('thing-1', options, fill)]);
    expect(one).toBe(two);
    expect(fills).toBe(1);
    expect(await readFile(join(one, 'jar'), 'utf8')).toBe('whole');
  });

  it('shows nothing of a fetch that failed, and goes on from it', async () => {
    const failing = fetched('thing-1', options, async (aside) => {
      await writeFile(join(aside, 'first'), 'kept');
      throw new Error('the line broke');
    });
    await expect(failing).rejects.toThrow('the line broke');
    expect(await readdir(options.cache)).not.toContain('thing-1');
    const whole = await fetched('thing-1', options, (aside) => writeFile(join(aside, 'second'), 'new'));
    expect(await readdir(whole)).toEqual(['first', 'second']);
  });
});
