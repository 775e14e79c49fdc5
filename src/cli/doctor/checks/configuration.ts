import { findProxyConfig, loadProxyConfig } from '../../../proxy/config.ts';
import { type Check, ok, warning } from '../contract.ts';
import { problemsOf } from './files.ts';

export const configuration: Check = {
  name: 'faultline.yaml',
  async look({ cwd, config }) {
    const file = findProxyConfig(cwd, cwd);
    const remedy = 'Declare the proxies of your system in a faultline.yaml, or in each experiment.';
    if (file === undefined) return [warning('there is none here nor above', remedy)];
    const problems = problemsOf(() => loadProxyConfig(file), 'Correct the file.');
    if (problems.length > 0) return problems;
    const names = config!.proxies.map(({ name }) => name);
    if (names.length === 0) return [warning(`${file} declares no proxies`, remedy)];
    return [ok(`${file}: ${names.join(', ')}`)];
  },
};
