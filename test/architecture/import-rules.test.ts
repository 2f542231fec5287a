// Planted violations: each rule must see its own, and leave the allowed twin alone.

import test from 'ava';
import { importViolations } from './import-rules.ts';
import { parseSource } from './source-file.ts';

interface Planted {
  readonly path: string;
  readonly text: string;
}

const caught: Readonly<Record<string, readonly Planted[]>> = {
  'room-table': [
    { path: 'shared/src/a.ts', text: "import { x } from '@starling/crypto';" },
    { path: 'node/peer/src/a.ts', text: "import type { x } from '@starling/coordinator';" },
    { path: 'coordinator/service/src/a.ts', text: "export { x } from '@starling/index';" },
    { path: 'infra/cli/src/a.ts', text: "const x = await import('@starling/crypto');" },
    { path: 'infra/adapters/src/a.ts', text: "import '@starling/rules';" },
    { path: 'crypto/src/a.test.ts', text: "import { x } from '@starling/consensus';" },
    { path: 'infra/deploy/a.ts', text: "import { x } from '@starling/shared';" },
    { path: 'crypto/src/a.ts', text: 'const x = import(`@starling/consensus/deep`);' },
  ],
  'leaves-package': [
    { path: 'crypto/src/a.ts', text: "import { x } from '../../shared/src/ids.ts';" },
    { path: 'node/peer/src/a.ts', text: "new URL('../../index/src/k.ts', import.meta.url);" },
    { path: 'test/a.test.ts', text: "import { x } from '../shared/src/ids.ts';" },
    { path: 'test/a.test.ts', text: "import { x } from '../ava.config.js';" },
  ],
  'own-face': [
    { path: 'crypto/src/a.ts', text: "import { x } from './index.ts';" },
    { path: 'crypto/src/deep/a.test.ts', text: "import { x } from '../index.ts';" },
    { path: 'crypto/src/a.ts', text: "import { x } from '@starling/crypto';" },
  ],
  'heavy-library': [
    { path: 'infra/runtime/src/a.ts', text: "import { createLibp2p } from 'libp2p';" },
    { path: 'node/peer/src/a.ts', text: "import { tcp } from '@libp2p/tcp';" },
    {
      path: 'infra/adapters/src/a.ts',
      text: "import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';",
    },
    { path: 'consensus/src/a.ts', text: "import { z } from 'zod';" },
    { path: 'crypto/src/a.ts', text: "import { decode } from 'cborg';" },
    { path: 'test/a.ts', text: "import { Hono } from 'hono';" },
  ],
  'test-library': [{ path: 'crypto/src/a.ts', text: "import fc from 'fast-check';" }],
  'pure-room': [
    { path: 'shared/src/a.ts', text: "import { readFileSync } from 'node:fs';" },
    { path: 'coordinator/rules/src/a.ts', text: "import { createHash } from 'node:crypto';" },
  ],
  builtin: [
    { path: 'node/peer/src/a.ts', text: "import { createServer } from 'node:net';" },
    { path: 'node/training/src/a.ts', text: "import { randomBytes } from 'node:crypto';" },
    {
      path: 'coordinator/service/src/a.ts',
      text: "import { setTimeout } from 'node:timers/promises';",
    },
    { path: 'coordinator/service/src/a.ts', text: "import { DatabaseSync } from 'node:sqlite';" },
  ],
};

for (const [rule, planted] of Object.entries(caught)) {
  test(`${rule} is caught with its place`, (t) => {
    for (const { path, text } of planted) {
      const found = importViolations(parseSource(path, `// first line\n${text}\n`));
      t.deepEqual(
        found.map(({ file, line, rule }) => ({ file, line, rule })),
        [{ file: path, line: 2, rule }],
        text,
      );
    }
  });
}

test('what the table allows passes', (t) => {
  const allowed: readonly Planted[] = [
    { path: 'node/peer/src/a.ts', text: "import { x } from '@starling/rules';" },
    { path: 'node/peer/src/a.ts', text: "import { readFile } from 'node:fs/promises';" },
    { path: 'consensus/src/a.ts', text: "import assert from 'node:assert/strict';" },
    { path: 'consensus/src/a.test.ts', text: "import test from 'ava';\nimport 'node:fs';" },
    { path: 'crypto/src/deep/a.ts', text: "import { x } from '../b.ts';" },
    { path: 'crypto/src/a.ts', text: "import { createHash } from 'node:crypto';" },
    { path: 'shared/src/a.ts', text: "import { z } from 'zod';" },
    { path: 'test/a.ts', text: "import { x } from '@starling/adapters';" },
    { path: 'test/a.ts', text: "import { x } from '../infra/deploy/catalog.ts';" },
    { path: 'infra/cli/src/a.ts', text: "new URL('../../../', import.meta.url);" },
    { path: 'biome.js', text: "import { x } from '@starling/adapters';" },
  ];
  for (const { path, text } of allowed) {
    t.deepEqual(importViolations(parseSource(path, text)), [], text);
  }
});

test('imports named in comments and strings are not imports', (t) => {
  const text = `
    // import { x } from '@starling/crypto';
    /* import 'libp2p' */
    const example = "import { x } from '@starling/crypto'";
    const option = { from: '@starling/crypto' };
  `;
  t.deepEqual(importViolations(parseSource('shared/src/a.ts', text)), []);
});
