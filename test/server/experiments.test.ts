import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { experimentsOn } from '../../src/server/runs/experiments.ts';
import { Lab } from '../support/experiment.ts';

it('experiments are found where each is a link to its file, as Kubernetes mounts a ConfigMap', async () => {
  const lab = new Lab();
  await lab.open();
  try {
    const file = lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
    const folder = join(lab.folder, 'mounted');
    mkdirSync(join(folder, '..2026_data'), { recursive: true });
    mkdirSync(join(folder, 'folder.yaml'));
    renameSync(file, join(folder, '..2026_data', basename(file)));
    symlinkSync('..2026_data', join(folder, '..data'));
    symlinkSync(join('..data', basename(file)), join(folder, basename(file)));
    symlinkSync('nowhere', join(folder, 'lost.yaml'));
    const found = experimentsOn({ folder, cwd: lab.folder });
    expect(found.map(({ name, file, problems }) => [name, file, problems.length])).toEqual([
      ['lab', 'experiment.yaml', 0],
      ['lost', 'lost.yaml', 1],
    ]);
  } finally {
    await lab.close();
  }
});
