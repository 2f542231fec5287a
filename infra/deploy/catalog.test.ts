import test from 'ava';
import { parseCatalog } from './catalog.ts';

test('the catalog block is read up to the next key', (t) => {
  const yaml =
    'packages:\n  - a\n\ncatalog:\n  # why\n  "@a/b": npm:@c/d@1.2.3\n  ava: 8.1.2\nother:\n  x: 1\n';
  t.deepEqual(
    [...parseCatalog(yaml)],
    [
      ['@a/b', 'npm:@c/d@1.2.3'],
      ['ava', '8.1.2'],
    ],
  );
});

test('a missing catalog and an odd line are named', (t) => {
  t.throws(() => parseCatalog('packages:\n  - a\n'), { message: /no catalog/ });
  t.throws(() => parseCatalog('catalog:\n  - a\n'), { message: /pnpm-workspace.yaml:2/ });
});
