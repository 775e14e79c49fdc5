import { connectDataPlane, identifyDataPlane } from '../../../drivers/embedded/index.ts';
import { type Check, type Finding, ok, refused } from '../contract.ts';

export const manualToxics: Check = {
  name: 'manual toxics',
  async look({ control }) {
    if ((await identifyDataPlane(control)).kind !== 'ours') return [];
    const plane = connectDataPlane(control);
    try {
      const touched = await plane.manualToxics();
      if (touched.length === 0) return [ok('none')];
      return touched.map(
        (name): Finding =>
          refused(
            `proxy "${name}" has a toxic, or is switched off, by hand`,
            `Take it back: "curl -X POST http://${control}/reset" takes back all.`,
          ),
      );
    } finally {
      await plane.close();
    }
  },
};
