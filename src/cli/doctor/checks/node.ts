import { type Check, type Finding, ok, refused } from '../contract.ts';

const LEAST = [20, 20] as const;

export const node: Check = {
  name: 'Node',
  async look() {
    return [judgeNode(process.versions.node)];
  },
};

/** Whether a version of Node runs Faultline. */
export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
  return enough
    ? ok(`Node ${version}`)
    : refused(`Node ${version} is too old`, `Install Node ${LEAST.join('.')} or later.`);
}
