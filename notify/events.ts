// What every event tells: the names of its facts, how grave it is, and the sentence that people read.
import type { Notification, NotificationEvent } from '../contract/notification.ts';

/** As pagers know it. */
export type Severity = 'info' | 'warning' | 'error';

interface EventWords {
  /** Facts that a template may name. */
  facts: readonly string[];
  severity(facts: Notification['facts']): Severity;
  /** A template of its own, of one line. */
  title: string;
}

const batchFacts = ['tag', 'kind', 'status', 'reason', 'segments', 'failed', 'records', 'duplicates', 'bytes', 'finished'];
const always = (severity: Severity) => (): Severity => severity;

/** What did not get a backup, or needs a decision, is graver than what is missing beside one. */
const fleetSeverity = ({ failed, held, but = '', withHoles = 0, forgeDataFailed = 0 }: Notification['facts']): Severity => {
  if (failed !== 0 || held !== 0 || but !== '') return 'error';
  return withHoles === 0 && forgeDataFailed === 0 ? 'info' : 'warning';
};

/** Words of every event. */
export const EVENT_WORDS: Readonly<Record<NotificationEvent, EventWords>> = {
  'gate.open': { facts: ['kind', 'tag', 'reason'], severity: always('info'), title: 'The spool gate of {{facts.kind}} opened ({{facts.reason}}): batch {{facts.tag}}' },
  'gate.done': { facts: batchFacts, severity: ({ status }) => (status === 'failed' ? 'error' : 'info'), title: 'Batch {{facts.tag}} of the spool is {{facts.status}}: {{facts.records}} records stored, {{facts.failed}} of {{facts.segments}} segments failed' },
  'embed.start': { facts: ['tag', 'kind', 'records'], severity: always('info'), title: 'Vectors are being made of the records of batch {{facts.tag}}' },
  'visit.done': { facts: ['origin', 'visit', 'snapshot', 'outcome', 'refs', 'created', 'updated', 'forced', 'deleted', 'packs', 'packBytes', 'newPacks', 'newBytes', 'holes'], severity: ({ outcome }) => (outcome === 'partial' ? 'warning' : 'info'), title: '{{repository}} is backed up: visit {{facts.visit}}, {{facts.newBytes}} new bytes' },
  'visit.failed': { facts: ['outcome', 'kind', 'message', 'hint', 'requestedBy', 'workflow'], severity: always('error'), title: 'The backup of {{repository}} ended without a visit ({{facts.outcome}}): {{facts.message}}' },
  'visit.held': { facts: ['origin', 'visit', 'snapshot', 'destroyed', 'truncated', 'emptied', 'commits', 'refs'], severity: always('error'), title: '{{repository}} lost {{facts.destroyed}} branches or tags upstream: visit {{facts.visit}} is held' },
  'restore.approval': { facts: ['restore', 'target', 'point', 'planHash', 'requestedBy', 'expires'], severity: always('warning'), title: 'A restore of {{repository}} to {{facts.target}} waits for approval until {{facts.expires}}' },
  'pipeline.approval': { facts: ['pipeline', 'system', 'planHash', 'requestedBy', 'expires'], severity: always('warning'), title: 'A pipeline for {{repository}} waits for approval until {{facts.expires}}' },
  'fleet.done': { facts: ['fleet', 'source', 'total', 'done', 'unchanged', 'held', 'failed', 'vanished', 'nothing', 'notDone', 'withHoles', 'forgeDataFailed', 'newBytes', 'firstFailed', 'status', 'but', 'started', 'finished'], severity: fleetSeverity, title: 'Source {{facts.source}}: {{facts.done}} backed up, {{facts.unchanged}} unchanged, {{facts.held}} held, {{facts.failed}} failed of {{facts.total}}{{facts.but}}' },
  'proof.overdue': { facts: ['since', 'proven', 'maxAge'], severity: always('warning'), title: '{{repository}} is not proven restorable: no drill succeeded within {{facts.maxAge}} days' },
  test: { facts: ['by'], severity: always('info'), title: 'A test of PIVO, asked for by {{facts.by}}' },
};
