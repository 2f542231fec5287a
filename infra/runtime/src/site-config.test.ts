import test from 'ava';
import { RuntimeError } from './runtime-error.ts';
import { parseConfig } from './site-config.ts';

const PEER = { version: 1, role: 'peer', site: 'north', listen: ['/ip4/127.0.0.1/tcp/0'] };
const COORDINATOR = { ...PEER, role: 'coordinator', site: undefined, name: 'flock' };

test('what has a default may be left out', (t) => {
  const config = parseConfig(PEER, 'config.json');
  t.like(config, { role: 'peer', site: 'north', logLevel: 'info', announce: [], coordinator: [] });
});

test('a site has no privacy limit unless it sets one', (t) => {
  const standing = { delta: 1e-5, epsilonMax: null, unit: 'example' };
  t.like(parseConfig(PEER, 'c'), { privacy: standing });
  const set = parseConfig({ ...PEER, privacy: { epsilonMax: 8 } }, 'c');
  t.like(set, { privacy: { ...standing, epsilonMax: 8 } });
});

const REFUSALS: readonly [string, unknown, RegExp][] = [
  ['an unknown key', { ...PEER, colour: 'red' }, /^config\.json: colour: no such key$/],
  ['two unknown keys', { ...PEER, a: 1, b: 2 }, /a: no such key; b: no such key/],
  ['a wrong type', { ...PEER, republishMs: 'soon' }, /republishMs: .*expected number/],
  ['a wrong type in a list', { ...PEER, listen: [4] }, /listen\.0: .*expected string/],
  [
    'an address that is none',
    { ...PEER, listen: ['here'] },
    /listen\.0: a multiaddr such as \/ip4/,
  ],
  ['a clock off by years', { ...PEER, clockOffsetMs: 1e12 }, /clockOffsetMs: .*<=86400000/],
  ['a name that is none', { ...PEER, site: '../up' }, /site: a name of 1 to 63 letters/],
  ['a limit that is none', { ...PEER, privacy: { epsilonMax: 0 } }, /privacy\.epsilonMax: /],
  ['a delta that is none', { ...PEER, privacy: { delta: 1 } }, /privacy\.delta: /],
  ['an unknown role', { ...PEER, role: 'boss' }, /role: .*'peer' \| 'coordinator'/],
  ['a future version', { ...PEER, version: 2 }, /version: /],
  ['a list instead of an object', [], /the whole: /],
];

for (const [what, value, says] of REFUSALS) {
  test(`${what} is named with its path`, (t) => {
    const error = t.throws(() => parseConfig(value, 'config.json'), { instanceOf: RuntimeError });
    t.is(error?.code, 'invalid-config');
    t.regex(error?.message ?? '', says);
  });
}

test('an unknown key inside a section is named with its whole path', (t) => {
  const { site: _, ...coordinator } = COORDINATOR;
  const value = { ...coordinator, schedule: { survivorsMin: 0, patience: 1 } };
  t.throws(() => parseConfig(value, 'c'), {
    message: /schedule\.survivorsMin: .*schedule\.patience: no/,
  });
});
