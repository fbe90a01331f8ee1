// The words of a request as they are compared: without endings, one for all that mean the same.
import { kindOf } from './kinds.ts';
import type { Token } from './tokens.ts';
import { PLACE } from '../intent.ts';

const STOP = new Set(('a an the of me my mine our us i we you your it its is it\'s are was were be to in on at by for and or with that this those these please can could would should want need like how do does did what which there from into as so all any every some just now one ones command way via help bash shell linux thing only then get '
  + 'give let have has had been within during am will tell about').split(' '));

const SAME: readonly (readonly string[])[] = [
  ['show', 'display', 'print', 'see', 'list', 'view', 'look', 'output'],
  ['find', 'locate', 'search', 'where'],
  ['folder', 'directory', 'directories', 'dir', 'dirs'],
  ['delete', 'remove', 'erase', 'drop', 'rm', 'purge', 'wipe'],
  ['large', 'big', 'bigger', 'biggest', 'larger', 'largest', 'huge', 'heaviest', 'above', 'over', 'exceed', 'exceeding'],
  ['small', 'smaller', 'smallest', 'below', 'less', 'under'],
  ['old', 'older', 'oldest', 'before'],
  ['recent', 'recently', 'newer', 'newest', 'latest', 'fresh'],
  ['change', 'set', 'alter', 'update', 'modify', 'modified', 'touched', 'edited'],
  ['copy', 'cp'], ['move', 'mv'], ['make', 'create', 'mkdir', 'new'],
  ['compress', 'zip', 'gzip', 'pack'], ['extract', 'unpack', 'untar', 'decompress', 'unzip', 'uncompress'],
  ['run', 'launch', 'submit', 'execute', 'start', 'running'], ['kill', 'terminate', 'abort'],
  ['process', 'program', 'pid'], ['log', 'logs'], ['line', 'row'], ['text', 'string', 'word', 'phrase'],
  ['count', 'many', 'number'], ['size', 'space', 'disk'], ['usage', 'use', 'using', 'eat', 'eating', 'hog', 'hogging', 'take', 'taking'], ['history'], ['permission', 'mode', 'chmod', 'rights'],
  ['add', 'increase', 'raise'], ['undo', 'revert', 'rollback', 'back'], ['upload', 'put'], ['download', 'fetch'], ['follow', 'tail', 'live', 'stream', 'watch'],
  ['describe', 'detail', 'info', 'information'], ['content', 'contents'], ['author', 'who', 'whom'],
  ['consumer'], ['produce', 'send', 'publish', 'write', 'producer'], ['read', 'consume', 'cat'], ['message', 'record', 'event'],
  ['same', 'identical', 'equal'], ['difference', 'diff', 'differ', 'different', 'compare'], ['owner', 'ownership', 'chown', 'belong'], ['duplicate', 'repeated'], ['memory', 'ram'], ['replace', 'substitute'], ['contain', 'containing', 'mention'],
  ['job', 'app', 'application'], ['merge', 'combine'], ['health', 'healthy'], ['server', 'host', 'machine'], ['first', 'head', 'beginning', 'top'], ['last', 'end'], ['unique', 'distinct'], ['stop', 'halt', 'pause', 'suspend'], ['resume', 'unpause', 'continue'], ['config', 'configuration', 'setting', 'option'], ['stash', 'shelve'], ['reset', 'rewind'], ['lag', 'behind'], ['discard', 'throw'], ['verify', 'check', 'validate'],
];

/** Of a word in two groups the first counts. */
const CANONICAL = new Map<string, string>(SAME.flatMap((words) => words.map((word) => [stem(word), words[0] ?? word] as const)).reverse());

/** Without plural and verb endings: `partitions`, `listing`, `deleted`. */
function stem(word: string): string {
  if (word.length <= 3) return word;
  const cut = word.replace(/(?:ies)$/, 'y').replace(/(ss|sh|ch|x)es$/, '$1').replace(/(?<![su])s$/, '');
  const base = cut.length > 5 ? cut.replace(/(?:ing|ed)$/, '') : cut;
  return base.replace(/([bdgmnprt])\1$/, '$1').replace(/e$/, '');
}

/** The word that stands for all of its meaning; null for a word that says nothing. */
export function meaningOf(word: string): string | null {
  const plain = word.toLowerCase().replace(/'s$/, '');
  if (plain.endsWith("n't")) return 'not';
  if (STOP.has(plain) || !/[a-z]/.test(plain)) return null;
  const cut = stem(plain);
  return CANONICAL.get(cut) ?? cut;
}

/** Places that take one file, which has an ending more often than a folder. */
const FILES = new Set(['file', 'archive', 'script']);

/** `test-events` is somebody's name; these are words. */
const isName = (word: string): boolean => /[-_\d]/.test(word) && !/^(?:under-replicated|cherry-pick(?:ed|ing)?|world-writable|(?:spark|git|task|search|safe|work)-\w+|tar-?gz|sha256|k8s)$/i.test(word);

/** What a request says: meanings of its words, and the shapes of its values as `#shape`. */
export function saidBy(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ kind, text }) => {
    if (kind === 'path') return /[^/]\.\w+$/.test(text) ? ['#path', '#file'] : ['#path'];
    if (kind === 'time' || kind === 'duration') return ['#when'];
    if (kind !== 'word') return [`#${kind}`];
    return (isName(text) ? [] : text.split(/[-/]/)).flatMap((word) => meaningOf(word) ?? []);
  });
}

/** As `saidBy`, of an ask of the catalogue: a place says the shape that it takes first. */
export function askedBy(ask: string): string[] {
  const places = [...ask.matchAll(PLACE)].flatMap(([, name = '']) => {
    const [shape] = kindOf(name).shapes;
    if (shape === undefined || shape === 'quoted') return [];
    return [FILES.has(name) ? '#file' : shape === 'time' || shape === 'duration' ? '#when' : `#${shape}`];
  });
  return [...ask.replaceAll(/\blast (?=<(?:newer|older|since)>)/g, '').replaceAll(PLACE, ' ').split(/[\s,?/-]+/).flatMap((word) => meaningOf(word) ?? []), ...places];
}
