import { identifyDataPlane, proxiesDiffer } from '../../../drivers/embedded/index.ts';
import { type Check, ok, refused } from '../contract.ts';
import { whyTaken } from './ports.ts';

const REMEDY = 'Stop it, or give another "control:" in faultline.yaml.';

export const control: Check = {
  name: 'control address',
  async look({ control: address, config }) {
    const found = await identifyDataPlane(address);
    switch (found.kind) {
      case 'nobody': {
        const reason = await whyTaken(address, 'control');
        return [
          reason === undefined
            ? ok(`${address} is free: a run starts a data plane there`)
            : refused(`${address} cannot be listened on: ${reason}`, REMEDY),
        ];
      }
      case 'locked':
        return [
          refused(
            `the data plane at ${address} asks for another token than this environment has`,
            'Set FAULTLINE_CONTROL_TOKEN or FAULTLINE_CONTROL_TOKEN_FILE as it was started with.',
          ),
        ];
      case 'toxiproxy':
        return [refused(`at ${address} listens Toxiproxy ${found.version}`, REMEDY)];
      case 'other':
        return [refused(`at ${address} listens ${found.what}`, REMEDY)];
      case 'ours': {
        const [closed] = found.notListening;
        if (closed !== undefined) {
          const says = `the data plane at ${address} has not got the port of proxy "${closed}"`;
          return [refused(says, 'Free that port, and start the data plane again.')];
        }
        const difference = config && proxiesDiffer(config.proxies, found.proxies);
        if (difference === undefined) return [ok(`our data plane runs at ${address}, pid ${found.pid}`)];
        return [
          refused(
            `the data plane at ${address} is not as faultline.yaml has it: ${difference}`,
            'Start it again with that file.',
          ),
        ];
      }
    }
  },
};
