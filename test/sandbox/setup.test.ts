import { describe, expect, test } from 'vitest';
import { setUp } from '../../scripts/setup/install.ts';
import { packagesFor, type Wanted } from '../../scripts/setup/packages.ts';

function listener() {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  return { lines, log: note, error: note };
}

function wanted(over: Partial<Wanted>): Wanted {
  return { package: 'tool', elsewhere: 'tool', present: () => false, needed: true, ...over };
}

describe('npm run setup', () => {
  test('says nothing when nothing is missing', () => {
    const out = listener();
    expect(setUp([wanted({ present: () => true })], out, false)).toBe(0);
    expect(out.lines).toEqual([]);
  });

  test('fails with the command to run when something needed cannot be installed', () => {
    const out = listener();
    expect(setUp([wanted({ package: 'redis-server', elsewhere: 'redis' })], out, false)).toBe(1);
    expect(out.lines).toEqual([
      'This cannot go on without redis-server.',
      expect.stringMatching(/^Install with.*: .*redis/),
    ]);
  });

  test('goes on with the command to run when what is missing is not needed', () => {
    const out = listener();
    expect(setUp([wanted({ package: 'chromium', elsewhere: 'chromium', needed: false })], out, false)).toBe(
      0,
    );
    expect(out.lines).toEqual([
      'What needs it is skipped: chromium.',
      expect.stringMatching(/^Install with.*: .*chromium/),
    ]);
  });

  test('installs nothing but Redis for the demo', () => {
    expect(packagesFor('demo')!.map((one) => one.package)).toEqual(['redis-server']);
  });

  test('knows no other purposes', () => {
    expect(packagesFor('constructor')).toBeUndefined();
  });
});
