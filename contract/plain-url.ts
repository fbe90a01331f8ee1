// Addresses that hold no secret: they are kept, shown, and part of histories.

const empty = (url: URL, parts: readonly ('username' | 'password' | 'search' | 'hash')[]): boolean => parts.every((part) => url[part] === '');

/** A URL without user, password, query and fragment. */
export const isPlainUrl = (text: string): boolean => URL.canParse(text) && empty(new URL(text), ['username', 'password', 'search', 'hash']);

/** As `isPlainUrl`; the user of an ssh URL is no secret, and neither is anything of `host:path`. */
export const isPlainRepositoryUrl = (text: string): boolean => !text.includes('://') || (URL.canParse(text) && empty(new URL(text), new URL(text).protocol === 'ssh:' ? ['password', 'search', 'hash'] : ['username', 'password', 'search', 'hash']));
