import { findProxyConfig, loadProxyConfig } from '../proxy/config.ts';
import { DEFAULT_CONTROL } from '../proxy/config-schema.ts';
import { runProxyProcess } from '../proxy/process.ts';

/** `faultline proxy`: the data plane in the foreground, until a signal ends it. */
export async function proxy(options: {
  config?: string;
  control?: string;
  openControl?: boolean;
}): Promise<number> {
  const file = options.config ?? findProxyConfig(process.cwd());
  const config = file ? loadProxyConfig(file) : { control: DEFAULT_CONTROL, proxies: [] };
  const { control = config.control, openControl } = options;
  return runProxyProcess({ ...config, control, openControl });
}
