// A record of a forge as one line of JSON that is safe to show: control characters are escaped, those that JSON lets through too.

// eslint-disable-next-line no-control-regex
const SHOWN_RAW = /[\u007f-\u009f\u2028\u2029]/g;

/** The same value for whoever parses it. */
export const recordLine = (record: object): string => JSON.stringify(record).replace(SHOWN_RAW, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
