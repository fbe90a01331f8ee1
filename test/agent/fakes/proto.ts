// A strict walker over Google's published protos: says where a JSON value is not the message it claims to be.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

interface Field {
  type: string;
  rule?: 'repeated';
  keyType?: string;
  options?: Record<string, unknown>;
}

interface Node {
  fields?: Record<string, Field>;
  values?: Record<string, number>;
  oneofs?: Record<string, { oneof: string[] }>;
  nested?: Record<string, Node>;
}

const require = createRequire(import.meta.url);
const ROOT = JSON.parse(readFileSync(require.resolve('@google-ai/generativelanguage/build/protos/protos.json'), 'utf8')) as Node;
/** The package that generateContent belongs to. */
const PACKAGE = 'google.ai.generativelanguage.v1beta';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isBase64 = (value: unknown): boolean => typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value);
const isInteger = (value: unknown, bits: 32 | 64): boolean => (bits === 64 && typeof value === 'string' && /^-?\d+$/.test(value)) || (Number.isInteger(value) && Math.abs(value as number) < 2 ** (bits === 32 ? 31 : 53));
const isJson = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value) || (Array.isArray(value) ? value.every(isJson) : isObject(value) && Object.values(value).every(isJson));

/** JSON forms of scalars and of the well-known types. Source: https://protobuf.dev/programming-guides/json/ */
const SCALARS: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  bytes: isBase64,
  int32: (value) => isInteger(value, 32),
  int64: (value) => isInteger(value, 64),
  uint32: (value) => isInteger(value, 32) && Number(value) >= 0,
  float: (value) => typeof value === 'number',
  double: (value) => typeof value === 'number',
  'google.protobuf.Struct': (value) => isObject(value) && isJson(value),
  'google.protobuf.Value': isJson,
  'google.protobuf.ListValue': (value) => Array.isArray(value) && isJson(value),
  'google.protobuf.Timestamp': (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  'google.protobuf.Duration': (value) => typeof value === 'string' && /^-?\d+(\.\d{1,9})?s$/.test(value),
};

/** What is wrong with `value` as a message of v1beta, one line each with its path; empty when nothing is. */
export function violations(message: string, value: unknown): string[] {
  return checkType(message, value, PACKAGE, message);
}

function checkType(type: string, value: unknown, scope: string, at: string): string[] {
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar(value) ? [] : [`${at}: no ${type}: ${JSON.stringify(value)?.slice(0, 80)}`];
  const { node, name } = resolve(type, scope);
  if (node.values !== undefined) return typeof value === 'string' && Object.hasOwn(node.values, value) ? [] : [`${at}: no ${type}: ${JSON.stringify(value)}`];
  return isObject(value) ? checkMessage(node, name, value, at) : [`${at}: no message ${type}`];
}

function checkMessage({ fields = {}, oneofs = {} }: Node, name: string, value: Record<string, unknown>, at: string): string[] {
  const unknown = Object.keys(value).filter((key) => !Object.hasOwn(fields, key)).map((key) => `${at}: unknown field ${key}`);
  const lacking = Object.entries(fields).filter(([key, { options }]) => options?.['(google.api.field_behavior)'] === 'REQUIRED' && !Object.hasOwn(value, key)).map(([key]) => `${at}: required field ${key} is missing`);
  const both = Object.entries(oneofs).flatMap(([one, { oneof }]) => (oneof.filter((key) => Object.hasOwn(value, key)).length > 1 ? [`${at}: more than one of ${one}`] : []));
  const inside = Object.entries(value).flatMap(([key, each]) => (fields[key] === undefined ? [] : checkField(fields[key], each, name, `${at}.${key}`)));
  return [...unknown, ...lacking, ...both, ...inside];
}

function checkField({ type, rule, keyType }: Field, value: unknown, scope: string, at: string): string[] {
  if (keyType !== undefined) return isObject(value) ? Object.entries(value).flatMap(([key, each]) => checkType(type, each, scope, `${at}[${key}]`)) : [`${at}: no map`];
  if (rule !== 'repeated') return checkType(type, value, scope, at);
  return Array.isArray(value) ? value.flatMap((each, index) => checkType(type, each, scope, `${at}[${index}]`)) : [`${at}: no list`];
}

/** A type as it is seen from a scope: innermost first, as protobuf looks it up. Fails for a name that the protos lack. */
function resolve(type: string, scope: string): { node: Node; name: string } {
  const outer = scope.split('.');
  for (let depth = outer.length; depth >= 0; depth--) {
    const name = [...outer.slice(0, depth), ...type.split('.')];
    const node = name.reduce<Node | undefined>((at, part) => at?.nested?.[part], ROOT);
    if (node?.fields !== undefined || node?.values !== undefined) return { node, name: name.join('.') };
  }
  throw new Error(`the protos have no ${type} (seen from ${scope})`);
}
