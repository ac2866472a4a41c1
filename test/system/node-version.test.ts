import { describe, expect, it } from 'vitest';
import { nodeProblem } from '../../src/system/node-version.ts';

describe('the version of Node', () => {
  it.each([process.versions.node, '20.20.0', '22.0.0', '22.23.1', '24.18.9'])(
    'may be %s',
    (version) => {
      expect(nodeProblem(version)).toBeUndefined();
    },
  );

  it.each(['18.20.4', '20.19.9', '24.19.0', '24.21.0', '25.0.0', '26.1.0'])(
    'may not be %s, and what to take is said',
    (version) => {
      expect(nodeProblem(version)).toContain('needs Node 20.20 or 22');
    },
  );
});
