import test from 'ava';
import { configOf, tableParameters } from '../snow/snow-cluster-fixture.ts';
import { type FrostyConfig, frostyObjection } from './frosty-config.ts';
import { FrostyReplica } from './frosty-replica.ts';

const base: FrostyConfig = configOf(20, 3);

test('parameters that polls and the change to certificates make safe enough may run', (t) => {
  t.is(frostyObjection(base), undefined);
});

test('parameters that are safe for polls alone are refused, with the number', (t) => {
  const objection = frostyObjection({ ...configOf(7, 1), parameters: tableParameters(7, 1) });
  t.is(objection?.reason, 'unsafe-epoch-change');
  t.regex(objection?.detail ?? '', /the 5 members that a change .* 1\.0e\+0 per round/);
});

test('what the engine snow refuses is refused for its reason', (t) => {
  t.is(frostyObjection({ ...base, weights: [2, 1] })?.reason, 'unequal-weights');
  t.is(frostyObjection({ ...base, members: 3 })?.reason, 'too-few-members');
  const loose = { k: 8, alphaPreference: 5, alphaConfidence: 5, beta: 4 };
  const parameters = { ...base.parameters, ...loose };
  t.is(frostyObjection({ ...base, parameters })?.reason, 'unsafe');
});

test('an odd era decides between 1 and 1024 blocks', (t) => {
  for (const certificateBlocks of [0, 1025, 1.5, Number.NaN]) {
    const config = { ...base, certificateBlocks };
    t.is(frostyObjection(config)?.reason, 'unsound-parameters');
    t.throws(() => new FrostyReplica(config), { instanceOf: RangeError });
  }
});
