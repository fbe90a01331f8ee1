// What the catalogue holds: a thing that people ask for, the ways in which they ask, and the command that does it.

export const SHELL_TOOLS = ['bash', 'git', 'hadoop', 'kafka', 'spark', 'temporal'] as const;
export type ShellTool = (typeof SHELL_TOOLS)[number];

/** From the mildest to the worst. */
export const RISKS = ['reads', 'changes', 'destroys'] as const;
export type Risk = (typeof RISKS)[number];

/** The worse of two. */
export const worse = (a: Risk, b: Risk): Risk => (RISKS.indexOf(a) >= RISKS.indexOf(b) ? a : b);

/**
 * A piece of the command and what it means. `<name>` is a place, `<name=x>` one that is `x` when the request does not
 * tell. A piece that begins with `?` is left out while its place has no value.
 */
export type PartTemplate = readonly [text: string, meaning: string];

export interface Intent {
  tool: ShellTool;
  risk: Risk;
  explanation: string;
  /** As people ask, with places; the words beside a place tell its value from others. */
  asks: readonly string[];
  parts: readonly PartTemplate[];
}

/** What the intents of one catalogue file are made with: the tool is said once. */
export type Describe = (risk: Risk, explanation: string, asks: readonly string[], ...parts: PartTemplate[]) => Intent;

export const intentsOf = (tool: ShellTool): Describe => (risk, explanation, asks, ...parts) => ({ tool, risk, explanation, asks, parts });

/** A place in an ask or a part. */
export const PLACE = /<([a-z]+)(?:=([^<>]*))?>/g;
