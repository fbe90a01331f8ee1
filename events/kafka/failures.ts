// What a failure of the Kafka client means: nearly always that the log is unavailable for now, and why.
import { PivoError, isPivoError } from '../../contract/failures.ts';

interface ClientError extends Error {
  /** Kafka's own name of an error, e.g. NOT_ENOUGH_REPLICAS. */
  type?: string;
  cause?: unknown;
  errors?: unknown[];
}

const HINTS: Record<string, string> = {
  KafkaJSGroupCoordinatorNotFound: 'Check that the brokers run, and that PIVO may read as consumer groups that begin with `pivo-`: kafkajs does not say which of both it is.',
  KafkaJSSASLAuthenticationError: 'Check mechanism, user and password in [kafka.sasl].',
  NOT_ENOUGH_REPLICAS: 'Too few brokers are up for the topic: start them again.',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'Too few brokers are up for the topic: start them again.',
  TOPIC_AUTHORIZATION_FAILED: 'Allow PIVO to describe, read, write and create its topics.',
  CLUSTER_AUTHORIZATION_FAILED: 'Allow PIVO to create its topics, or create them yourself.',
  GROUP_AUTHORIZATION_FAILED: 'Allow PIVO to read as this consumer group.',
  INVALID_REPLICATION_FACTOR: 'Set kafka.replication to at most the number of brokers.',
  POLICY_VIOLATION: 'The cluster refuses these topic settings: create the topics yourself, with unlimited retention.',
};
const DEFAULT_HINT = 'Check that the brokers run, that `events` names them, and that their listeners match [kafka] tls and sasl. What was not published is published later.';

/** The error and its causes, the innermost last. */
function chain(error: unknown): ClientError[] {
  const found: ClientError[] = [];
  for (let each = error as ClientError | undefined; each instanceof Error && found.length < 10; each = (each.cause ?? each.errors?.[0]) as ClientError | undefined) found.push(each);
  return found;
}

/** True when the error, or what caused it, is Kafka's error of that name. */
export function isKafkaError(error: unknown, type: string): boolean {
  return chain(error).some((each) => each.type === type);
}

/** The failure as the port promises it: `what` is a clause such as "events cannot be published". */
export function unavailable(url: string, what: string, error: unknown): PivoError {
  const errors = chain(error);
  const own = errors.find((each) => isPivoError(each));
  if (isPivoError(own)) return own;
  const last = errors.at(-1);
  const type = errors.find((each) => each.type !== undefined)?.type;
  const hint = errors.flatMap((each) => [HINTS[each.type ?? ''], HINTS[each.name]]).find((each) => each !== undefined) ?? DEFAULT_HINT;
  return new PivoError('Unavailable', `${what}, ${url} fails: ${last?.message || String(error)}`, { hint, facts: { url, ...(type === undefined ? {} : { kafka: type }) }, cause: error });
}
