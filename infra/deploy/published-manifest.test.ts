import test from 'ava';
import { publishedManifest } from './published-manifest.ts';

const versions = {
  workspace: new Map([['@starling/shared', '0.1.0']]),
  catalog: new Map([['cborg', '6.1.5']]),
};
const source = {
  name: '@starling/rules',
  version: '0.1.0',
  private: true,
  exports: { '.': './src/index.ts' },
  scripts: { prepare: 'true' },
  devDependencies: { ava: 'catalog:' },
};

test('exports point to what was emitted and references become exact versions', (t) => {
  const dependencies = { '@starling/shared': 'workspace:*', cborg: 'catalog:' };
  t.deepEqual(publishedManifest({ ...source, dependencies }, versions), {
    name: '@starling/rules',
    version: '0.1.0',
    exports: { '.': { types: './dist/src/index.d.ts', default: './dist/src/index.js' } },
    files: ['dist', 'README.md', 'LICENSE'],
    dependencies: { '@starling/shared': '0.1.0', cborg: '6.1.5' },
  });
});

test('a dependency without an exact version stops the publication', (t) => {
  for (const [name, range, message] of [
    ['@starling/peer', 'workspace:*', /@starling\/peer, which is not published/],
    ['zod', 'catalog:', /zod, which is not in the catalog/],
    ['zod', '^4.0.0', /zod by "\^4\.0\.0"/],
  ] as const) {
    const dependencies = { [name]: range };
    t.throws(() => publishedManifest({ ...source, dependencies }, versions), { message });
  }
});

test('an export that is no source file stops the publication', (t) => {
  const exports = { './data': './data.json' };
  t.throws(() => publishedManifest({ ...source, exports }, versions), { message: /data\.json/ });
});
