// Failure kinds: code branches on the kind, people read the message and the hint.

/** Every way PIVO can fail. `permanent` kinds are never retried: the same call would fail again. */
export const FAILURE_KINDS = {
  InvalidInput: { permanent: true, exitCode: 2 },
  /** Known, but without the right to do it. */
  NotAllowed: { permanent: true, exitCode: 2 },
  NotFound: { permanent: true, exitCode: 3 },
  Ambiguous: { permanent: true, exitCode: 3 },
  NameConflict: { permanent: true, exitCode: 2 },
  UrlRefused: { permanent: true, exitCode: 2 },
  CredentialMissing: { permanent: true, exitCode: 2 },
  OriginRefused: { permanent: true, exitCode: 4 },
  OriginGone: { permanent: true, exitCode: 4 },
  OriginUnreachable: { permanent: false, exitCode: 4 },
  OriginChanging: { permanent: false, exitCode: 4 },
  LimitExceeded: { permanent: true, exitCode: 5 },
  StorageFull: { permanent: true, exitCode: 6 },
  StorageReadOnly: { permanent: true, exitCode: 6 },
  StorageUnavailable: { permanent: false, exitCode: 6 },
  Exists: { permanent: true, exitCode: 6 },
  VisitConflict: { permanent: false, exitCode: 6 },
  Damaged: { permanent: true, exitCode: 7 },
  TargetRefused: { permanent: true, exitCode: 8 },
  TargetUnreachable: { permanent: false, exitCode: 8 },
  TargetChanged: { permanent: true, exitCode: 8 },
  ProofFailed: { permanent: true, exitCode: 9 },
  PlanChanged: { permanent: true, exitCode: 10 },
  PlanRejected: { permanent: true, exitCode: 10 },
  PlanExpired: { permanent: true, exitCode: 10 },
  GitFailed: { permanent: false, exitCode: 4 },
  WorkerLost: { permanent: false, exitCode: 1 },
  Unavailable: { permanent: false, exitCode: 69 },
  Cancelled: { permanent: true, exitCode: 130 },
  Internal: { permanent: false, exitCode: 1 },
} as const satisfies Record<string, { permanent: boolean; exitCode: number }>;

export type FailureKind = keyof typeof FAILURE_KINDS;

/** Facts of a failure as they cross process borders: no secrets, no stack. */
export interface FailureReport {
  kind: FailureKind;
  message: string;
  hint?: string;
  facts?: Record<string, unknown>;
}

export interface FailureOptions {
  /** What the person should do next, one sentence. */
  hint?: string;
  /** Values worth logging; never a secret. */
  facts?: Record<string, unknown>;
  cause?: unknown;
}

/** The one error class that PIVO throws on purpose. */
export class PivoError extends Error {
  override readonly name = 'PivoError';
  readonly kind: FailureKind;
  readonly hint: string | undefined;
  readonly facts: Record<string, unknown>;

  constructor(kind: FailureKind, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint;
    this.facts = options.facts ?? {};
  }

  get permanent(): boolean {
    return FAILURE_KINDS[this.kind].permanent;
  }

  report(): FailureReport {
    return {
      kind: this.kind,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(Object.keys(this.facts).length === 0 ? {} : { facts: this.facts }),
    };
  }
}

/** True when `error` is a PivoError of one of the kinds (any kind when none is named). */
export function isPivoError(error: unknown, ...kinds: FailureKind[]): error is PivoError {
  return error instanceof PivoError && (kinds.length === 0 || kinds.includes(error.kind));
}

/** Rebuilds the error that a report describes, in another process. */
export function fromReport(report: FailureReport, cause?: unknown): PivoError {
  return new PivoError(report.kind in FAILURE_KINDS ? report.kind : 'Internal', report.message, {
    ...(report.hint === undefined ? {} : { hint: report.hint }),
    ...(report.facts === undefined ? {} : { facts: report.facts }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * The report that an error of another process carries: Temporal wraps what an act threw into causes, and keeps
 * the report as the first of its details. Null when there is none.
 */
export function reportIn(error: unknown): FailureReport | null {
  for (let cause = error, depth = 0; typeof cause === 'object' && cause !== null && depth < 16; depth++) {
    const { details, cause: next } = cause as { details?: unknown[] | null; cause?: unknown };
    const report = (Array.isArray(details) ? details[0] : undefined) as Partial<FailureReport> | null | undefined;
    if (typeof report?.message === 'string' && typeof report.kind === 'string' && report.kind in FAILURE_KINDS) return report as FailureReport;
    cause = next;
  }
  return null;
}
