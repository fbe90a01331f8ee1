// Whether a terminal wants colours: one answer for the log and for every answer of the CLI.

/** True when the stream is a terminal and nobody asked for none (no-color.org: NO_COLOR set and not empty). */
export function useColour(stream: { isTTY?: boolean | undefined }, env: NodeJS.ProcessEnv = process.env): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
