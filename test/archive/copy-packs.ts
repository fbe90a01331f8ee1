// Another process that wants copies of packs: archive, file with the packs, cache.
import { readFileSync } from 'node:fs';
import { localObjects, type WantedPack } from '../../archive/local-packs.ts';
import { localStore } from '../../archive/local/store.ts';

const [archive = '', packs = '', cache = ''] = process.argv.slice(2);
await localObjects({ ...localStore(archive), localPath: () => null }, 'r', JSON.parse(readFileSync(packs, 'utf8')) as WantedPack[], cache);
