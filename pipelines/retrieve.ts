// Finds templates by words and by nearness of meaning, both ranked and merged; no model is asked.
import Database from 'better-sqlite3';
import type { Stack } from '../contract/pipeline.ts';
import { hashedVector } from '../logs/vectors/hashed/embedder.ts';
import { providedBy, type PipelineTemplate } from './templates.ts';

export interface FoundTemplate {
  template: PipelineTemplate;
  score: number;
}

/** The constant of reciprocal rank fusion: Cormack, Clarke, Büttcher, SIGIR 2009. */
const FUSION = 60;
/** Words that are asked for; a stack has at most two hundred dependencies. */
const MOST_WORDS = 300;

const wordsOf = (text: string): string[] => [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])].slice(0, MOST_WORDS);
const textOf = (template: PipelineTemplate): string => [template.name, template.title, template.for.stack, ...(template.for.managers ?? []), ...(template.for.anyOf ?? []), ...template.words, template.needs, ...providedBy(template)].join(' ');

/** Templates that a text may mean, the best first; those that neither list has are left out. */
export function findTemplates(templates: readonly PipelineTemplate[], text: string, limit = 5): FoundTemplate[] {
  const scores = new Map<PipelineTemplate, number>();
  for (const list of [byWords(templates, text), byMeaning(templates, text)]) list.forEach((template, at) => scores.set(template, (scores.get(template) ?? 0) + 1 / (FUSION + at + 1)));
  return [...scores].map(([template, score]) => ({ template, score })).sort((a, b) => b.score - a.score || (a.template.name < b.template.name ? -1 : 1)).slice(0, limit);
}

/** By FTS5's rank (BM25); title and name count more than the rest. */
function byWords(templates: readonly PipelineTemplate[], text: string): PipelineTemplate[] {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  const db = new Database(':memory:');
  try {
    db.exec("CREATE VIRTUAL TABLE templates USING fts5(title, body, tokenize = 'porter unicode61')");
    const insert = db.prepare('INSERT INTO templates (rowid, title, body) VALUES (?, ?, ?)');
    templates.forEach((template, at) => insert.run(at, `${template.name} ${template.title}`, textOf(template)));
    const rows = db.prepare('SELECT rowid FROM templates WHERE templates MATCH ? ORDER BY bm25(templates, 4.0, 1.0), rowid').pluck().all(words.map((word) => `"${word}"`).join(' OR ')) as number[];
    return rows.flatMap((at) => templates[at] ?? []);
  } finally {
    db.close();
  }
}

/** Cosines of hashed vectors, those above zero. */
function byMeaning(templates: readonly PipelineTemplate[], text: string): PipelineTemplate[] {
  const asked = hashedVector(text);
  const near = templates.map((template) => ({ template, cosine: hashedVector(textOf(template)).reduce((sum, each, at) => sum + each * (asked[at] ?? 0), 0) }));
  return near.filter(({ cosine }) => cosine > 0).sort((a, b) => b.cosine - a.cosine).map(({ template }) => template);
}

/** True where a template can be used for a stack at all. */
export function isFor({ for: { stack: kind, managers, anyOf, step } }: PipelineTemplate, stack: Stack): boolean {
  const has = (name: string): boolean => stack.dependencies.some((each) => each === name || (name.endsWith('*') && each.startsWith(name.slice(0, -1))));
  if (step !== undefined && stack.steps[step] === null) return false;
  return kind === stack.kind && (managers === undefined || (stack.manager !== null && managers.includes(stack.manager))) && (anyOf === undefined || anyOf.some(has));
}

/**
 * Templates for a stack, the best first: those that can be used for it, ranked by what the stack is and depends on,
 * and by the person's wish where there is one. Empty where none can be used.
 */
export function templatesFor(templates: readonly PipelineTemplate[], stack: Stack, wish = ''): PipelineTemplate[] {
  const usable = templates.filter((template) => isFor(template, stack));
  const steps = (['lint', 'test', 'build'] as const).filter((step) => stack.steps[step] !== null);
  const found = findTemplates(usable, [wish, stack.kind, stack.manager ?? '', ...steps, ...(stack.start === null ? [] : ['service']), ...stack.dependencies].join(' '), usable.length).map(({ template }) => template);
  const rest = usable.filter((template) => !found.includes(template));
  return [...found, ...rest].sort((a, b) => special(b) - special(a));
}

/** One that names dependencies that are there fits more closely than one that fits any. */
const special = ({ for: { anyOf } }: PipelineTemplate): number => Number(anyOf !== undefined);
