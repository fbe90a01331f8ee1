// Failures as HTTP tells them: one table from kind to status, and problem documents (RFC 9457).
import { isPivoError, PivoError, type FailureKind, type FailureOptions, type FailureReport } from '../../contract/failures.ts';

const STATUS: Record<FailureKind, number> = {
  InvalidInput: 400,
  NotAllowed: 403,
  NotFound: 404,
  Ambiguous: 409,
  NameConflict: 409,
  UrlRefused: 400,
  CredentialMissing: 400,
  OriginRefused: 502,
  OriginGone: 502,
  OriginUnreachable: 502,
  OriginChanging: 503,
  LimitExceeded: 422,
  StorageFull: 507,
  StorageReadOnly: 507,
  StorageUnavailable: 503,
  Exists: 409,
  VisitConflict: 409,
  Damaged: 500,
  TargetRefused: 409,
  TargetUnreachable: 502,
  TargetChanged: 409,
  ProofFailed: 500,
  PlanChanged: 409,
  PlanRejected: 409,
  PlanExpired: 409,
  GitFailed: 502,
  WorkerLost: 503,
  Unavailable: 503,
  Cancelled: 499,
  Internal: 500,
};

/** A failure that is HTTP's own, such as a body that is too large: its status is not that of its kind. */
export class Refusal extends PivoError {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, kind: FailureKind, message: string, { headers = {}, ...options }: FailureOptions & { headers?: Record<string, string> } = {}) {
    super(kind, message, options);
    this.status = status;
    this.headers = headers;
  }
}

/** Any error as it crosses to a client: no stack, no secret, nothing of an unexpected error but that it happened. */
export function publicReport(error: unknown): FailureReport {
  if (isPivoError(error)) return error.report();
  if ((error as { name?: string } | null)?.name === 'AbortError') return { kind: 'Cancelled', message: 'the request was cancelled' };
  return { kind: 'Internal', message: 'the server failed unexpectedly', hint: 'The log has the details: PIVO_HOME/logs/pivo.log.' };
}

export const statusOf = (error: unknown): number => (error instanceof Refusal ? error.status : STATUS[publicReport(error).kind]);

/** Content type of a problem document. */
export const PROBLEM = 'application/problem+json';

/** The problem document of a failure: RFC 9457's members, and the failure's own kind, hint and facts. */
export function problemOf(error: unknown): Response {
  const { kind, message, hint, facts } = publicReport(error);
  const status = statusOf(error);
  const body = { type: 'about:blank', title: kind, status, detail: message, kind, ...(hint === undefined ? {} : { hint }), ...(facts === undefined ? {} : { facts }) };
  const headers = { 'content-type': PROBLEM, 'cache-control': 'no-store', ...(error instanceof Refusal ? error.headers : {}), ...(status === 503 ? { 'retry-after': '5' } : {}) };
  return new Response(`${JSON.stringify(body)}\n`, { status, headers });
}
