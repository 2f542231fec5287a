import test from 'ava';
import { mergeSettings, parseSettings } from './run-config.ts';

test('settings are read as numbers, booleans and texts, quoted or not', (t) => {
  const text = `num-server-rounds=5 rate=1e-3  name="two words" other='a=b' site=north is-fast=true`;
  t.deepEqual(parseSettings(text), {
    'num-server-rounds': 5,
    rate: 0.001,
    name: 'two words',
    other: 'a=b',
    site: 'north',
    'is-fast': true,
  });
  t.deepEqual(parseSettings('version="5" empty='), { version: '5', empty: '' });
  t.deepEqual(parseSettings('  '), {});
});

test('what is no setting is refused with the part that is not', (t) => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['epochs', /"epochs" does not begin with key=value/],
    ['a=1 two words=3', /"two words=3" does not/],
    ['a="unclosed', /"a="unclosed"/],
    ['localEpochs=1', /localEpochs is no key in kebab-case/],
    ['a=1 a=2', /a is given twice/],
  ];
  for (const [text, message] of refused) {
    t.throws(() => parseSettings(text), { code: 'invalid-config', message }, text);
  }
});

test('only what an app declares can be changed, and only to its own kind', (t) => {
  const declared = { 'local-epochs': 1, site: 'north' };
  t.deepEqual(mergeSettings(declared, { 'local-epochs': 3 }), { 'local-epochs': 3, site: 'north' });
  t.throws(() => mergeSettings(declared, { epochs: 3 }), {
    code: 'invalid-config',
    message: 'the app has no setting epochs; it has local-epochs, site',
  });
  t.throws(() => mergeSettings(declared, { 'local-epochs': 'many' }), {
    code: 'invalid-config',
    message: 'local-epochs is "many", a string; the app has a number',
  });
});
