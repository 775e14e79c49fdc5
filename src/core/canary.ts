/**
 * Marks a controller's canary on its way through a proxy for HTTP, which does not count it and does not send the mark on. Only
 * clients on this machine are believed: others could hide their traffic from observations with it.
 */
export const CANARY_HEADER = 'x-faultline-canary';
