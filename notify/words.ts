// Words of others made fit to be kept: on one line, short, without the secrets that they may repeat.

/** Characters of a refusal's own words that are kept. */
const KEPT_WORDS = 200;
const SHORTEST_SECRET = 4;

/** One line of printable text: line breaks and tabs become spaces, other control characters go. */
export const oneLine = (text: string): string => text.replace(/[^\P{C}\n\r\t]/gu, '').replace(/\s+/g, ' ').trim();

/** One line of at most 200 characters. */
export function shortLine(text: string): string {
  const line = oneLine(text);
  return line.length > KEPT_WORDS ? `${line.slice(0, KEPT_WORDS)}…` : line;
}

/** The text without these: some receivers repeat what they were sent. */
export function withoutSecrets(text: string, secrets: readonly (string | null)[]): string {
  const known = secrets.filter((part) => part !== null && part.length >= SHORTEST_SECRET).flatMap((part) => formsOf(part as string));
  return [...new Set(known)].sort((a, b) => b.length - a.length).reduce((clean, part) => clean.replaceAll(part, '[hidden]'), text);
}

const formsOf = (secret: string): string[] => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')];
