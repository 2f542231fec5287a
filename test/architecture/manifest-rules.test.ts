import test from 'ava';
import { catalogViolations, manifestViolations } from './manifest-rules.ts';

function rulesIn(folder: string, manifest: unknown): string[] {
  return manifestViolations(folder, JSON.stringify(manifest, null, 2)).map(
    ({ line, rule }) => `${line} ${rule}`,
  );
}

test('a room that depends on a room outside its row is refused', (t) => {
  const dependencies = { '@starling/shared': 'workspace:*', '@starling/index': 'workspace:*' };
  t.deepEqual(rulesIn('crypto', { name: '@starling/crypto', dependencies }), ['5 room-table']);
});

test('a heavy library in a second manifest is refused, in every section', (t) => {
  for (const section of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    const manifest = { name: '@starling/test', [section]: { libp2p: 'catalog:' } };
    t.deepEqual(rulesIn('test', manifest), ['4 heavy-library']);
  }
});

test('a version outside the catalog and a room by number are refused', (t) => {
  const dependencies = { '@starling/shared': '^0.1.0', cborg: '^6.1.5' };
  t.deepEqual(rulesIn('consensus', { name: '@starling/consensus', dependencies }), [
    '4 version',
    '5 heavy-library',
    '5 version',
  ]);
});

test('a package outside the table is refused', (t) => {
  t.deepEqual(rulesIn('node/extra', { name: '@starling/extra' }), ['1 room-table']);
});

test('a range in the catalog is refused, an exact alias is not', (t) => {
  const catalog = new Map([
    ['a', '^1.2.3'],
    ['b', '1.2'],
    ['c', 'npm:@x/y@1.2.3'],
    ['d', '1.2.3-rc.1'],
    ['e', 'latest'],
  ]);
  t.deepEqual(
    catalogViolations(catalog).map(({ advice }) => advice.slice(0, 1)),
    ['a', 'b', 'e'],
  );
});
