/** How a type byte goes on: a text up to CRLF, a length with a body, a number of items, or the parts of streamed values. */
export const NEITHER = 0;
export const LINE = 1;
export const BULK = 2;
export const ITEMS = 3;
export const PAIRS = 4;
export const PART = 5;
export const STREAM_END = 6;

/** By type byte; RESP2 and RESP3. */
export const FORM = new Uint8Array(256).fill(NEITHER);
for (const type of '+-:_#,(') FORM[type.charCodeAt(0)] = LINE;
for (const type of '$!=') FORM[type.charCodeAt(0)] = BULK;
for (const type of '*~>') FORM[type.charCodeAt(0)] = ITEMS;
for (const type of '%|') FORM[type.charCodeAt(0)] = PAIRS;
FORM[';'.charCodeAt(0)] = PART;
FORM['.'.charCodeAt(0)] = STREAM_END;

export const STATUS = '+'.charCodeAt(0);
export const ERROR = '-'.charCodeAt(0);
export const BLOB_ERROR = '!'.charCodeAt(0);
export const INTEGER = ':'.charCodeAt(0);
export const ARRAY = '*'.charCodeAt(0);
export const PUSH = '>'.charCodeAt(0);
export const ATTRIBUTE = '|'.charCodeAt(0);
