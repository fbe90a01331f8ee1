// The words of the local endpoint that both of its ends use.

/** Content type of a result whose content is the body. */
export const BYTES = 'application/octet-stream';
/** Header with the result's own fields, where its content is the body; percent-encoded JSON. */
export const RESULT_HEADER = 'x-pivo-result';
/** Trailer that says why a body ended early; a percent-encoded JSON FailureReport. */
export const FAILURE_TRAILER = 'x-pivo-failure';
/** Header with an id that the caller makes up for one call: `DELETE /calls/{id}` asks to end it, and its answer tells what became of it. */
export const CALL_HEADER = 'x-pivo-call';
/**
 * Header by which a door says that it speaks for a program: `mcp`. The caller of that request is then no owner.
 * A door can only give rights up by it; there is no value that raises them.
 */
export const VIA_HEADER = 'x-pivo-via';
