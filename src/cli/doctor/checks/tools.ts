import { findProgram } from '../../../proxy/files.ts';
import { BROWSERS } from '../../../report/pdf.ts';
import { type Check, type Finding, ok, warning } from '../contract.ts';

export const browser: Check = {
  name: 'Chromium',
  async look({ environment }) {
    return [
      judgeTool(
        findProgram(BROWSERS, environment.PATH),
        'there is none in PATH: "faultline report --pdf" cannot print',
        'Install chromium if you want reports on paper.',
      ),
    ];
  },
};

export const demoTools: Check = {
  name: 'demo',
  async look({ environment }) {
    return [
      judgeTool(
        findProgram(['redis-server', 'valkey-server'], environment.PATH),
        'there is no redis-server in PATH: "faultline demo" needs one (its Postgres it brings along)',
        'Run "npm run setup", or install redis-server.',
      ),
    ];
  },
};

function judgeTool(found: string | undefined, says: string, remedy: string): Finding {
  return found === undefined ? warning(says, remedy) : ok(found);
}
