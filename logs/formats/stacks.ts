// Tells which lines belong to an exception: of the JVM, Python and Node.

/** A frame or a cause: never begins an entry. */
const FRAME = /^\s+at [\w$.<[(/"]|^\s*\.\.\. \d+ (?:more|common frames)|^\s*Caused by: |^\s+Suppressed: |^\s+File "[^"]*", line \d+|^\s+\^+\s*$|^\s*-{2,} [Ee]nd of .*(?:stack|trace)/;
/** The first line of an exception behind a message: a class name, with or without a message. */
const EXCEPTION = /^\s*(?:[A-Za-z_$][\w$]*\.)*(?:[A-Z][\w$]*)?(?:Exception|Error|Throwable|Failure|Interrupt|Exit)\b(?:: |$|:$)/;
const TRACEBACK = /^\s*Traceback \(most recent call last\):/;
const OWN = /^(?:Exception in thread "[^"]*" |Uncaught |Unhandled |error: uncaught )/;
/** What Python writes between two causes. */
const BETWEEN = /^(?:During handling of the above exception, another exception occurred:|The above exception was the direct cause of the following exception:)/;

export const isFrame = (line: string): boolean => FRAME.test(line);

/** Begins an exception: what follows belongs to it as long as it is one. */
export const beginsException = (line: string): boolean => TRACEBACK.test(line) || EXCEPTION.test(line) || OWN.test(line);

/** Begins an exception that stands for itself, not behind the message before it. */
export const standsAlone = (line: string): boolean => TRACEBACK.test(line) || OWN.test(line);

export const isTraceback = (line: string): boolean => TRACEBACK.test(line);

export const joinsTracebacks = (line: string): boolean => BETWEEN.test(line);
