// Which page an address means; the code of each is a file of its own, loaded when first asked for.
import type { ComponentType } from 'preact';

interface PageModule {
  default: ComponentType<{ pieces: string[] }>;
}

export interface FoundPage {
  name: string;
  /** What the address says in the places of `*`, decoded. */
  pieces: string[];
  load(): Promise<PageModule>;
}

/** Patterns of addresses; the first that fits is the page. */
const PAGES: [pattern: string, load: () => Promise<PageModule>][] = [
  ['', () => import('./pages/overview.tsx')],
  ['ingest', () => import('./pages/ingest.tsx')],
  ['jobs/*', () => import('./pages/job.tsx')],
  ['repositories/*', () => import('./pages/timeline.tsx')],
  ['repositories/*/refs', () => import('./pages/refs.tsx')],
  ['repositories/*/commits', () => import('./pages/commits.tsx')],
  ['repositories/*/commits/*', () => import('./pages/commit.tsx')],
  ['repositories/*/files', () => import('./pages/files.tsx')],
  ['repositories/*/documentation', () => import('./pages/documentation.tsx')],
  ['repositories/*/diff', () => import('./pages/diff.tsx')],
  ['restores', () => import('./pages/restores.tsx')],
  ['restores/new', () => import('./pages/restore-new.tsx')],
  ['restores/*', () => import('./pages/restore.tsx')],
  ['fleets', () => import('./pages/fleets.tsx')],
  ['fleets/*', () => import('./pages/fleet.tsx')],
  ['pipelines', () => import('./pages/pipelines.tsx')],
  ['pipelines/new', () => import('./pages/pipeline-new.tsx')],
  ['pipelines/*', () => import('./pages/pipeline.tsx')],
  ['chat', () => import('./pages/chat.tsx')],
  ['chat/*', () => import('./pages/chat.tsx')],
  ['sql', () => import('./pages/sql.tsx')],
  ['logs', () => import('./pages/logs.tsx')],
  ['logs/*/*', () => import('./pages/log-entry.tsx')],
  ['assistant/debug', () => import('./pages/debug.tsx')],
  ['assistant/commands', () => import('./pages/commands.tsx')],
  ['assistant/tuning', () => import('./pages/tuning.tsx')],
  ['spool', () => import('./pages/spool.tsx')],
  ['spool/batches', () => import('./pages/batches.tsx')],
  ['spool/batches/*', () => import('./pages/batch.tsx')],
  ['spool/pushes', () => import('./pages/pushes.tsx')],
  ['spool/deliveries', () => import('./pages/deliveries.tsx')],
  ['schedules', () => import('./pages/schedules.tsx')],
  ['audit', () => import('./pages/audit.tsx')],
  ['health', () => import('./pages/health.tsx')],
];

const missing = (): Promise<PageModule> => import('./pages/missing.tsx');

/** The page of a path. */
export function pageOf(path: string): FoundPage {
  const asked = path.replace(/^\/+|\/+$/g, '').split('/').map(decoded);
  for (const [name, load] of PAGES) {
    const pieces = piecesOf(name.split('/'), asked);
    if (pieces !== null) return { name, pieces, load };
  }
  return { name: 'missing', pieces: asked, load: missing };
}

function piecesOf(pattern: string[], asked: string[]): string[] | null {
  if (pattern.length !== asked.length || !pattern.every((piece, at) => piece === '*' || piece === asked[at])) return null;
  return asked.filter((_, at) => pattern[at] === '*');
}

function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}
