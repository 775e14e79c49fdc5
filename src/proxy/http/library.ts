import { createRequire } from 'node:module';
import type httpProxy from 'http-proxy';

const require = createRequire(import.meta.url);
const util = require('node:util') as { _extend: unknown };

/**
 * http-proxy 1.18.1 copies objects by `util._extend`, whose first call prints a deprecation warning (DEP0060) to the
 * terminal of whoever runs Faultline. It takes the function when it is loaded, so it is loaded with another that does the same.
 */
function load(): typeof httpProxy {
  const deprecated = util._extend;
  util._extend = Object.assign;
  try {
    return require('http-proxy') as typeof httpProxy;
  } finally {
    util._extend = deprecated;
  }
}

const loaded = load();

/** The library, silent. */
export const createProxyServer: typeof loaded.createProxyServer = loaded.createProxyServer;
