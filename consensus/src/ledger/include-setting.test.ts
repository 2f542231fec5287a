import type { SettingEntry } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { type ChainState, SETTINGS_MAX } from './chain-state.ts';
import { inclusionObjection } from './inclusion.ts';
import { extended, newChain, settingEntry, TOY_RULES } from './ledger-fixture.ts';

const chain = newChain(4);
const set = extended(chain, settingEntry(chain));

function refusedAs(
  t: ExecutionContext,
  state: ChainState,
  entry: SettingEntry,
  reason: string | undefined,
): void {
  t.is(inclusionObjection(entry, state, TOY_RULES)?.reason as string | undefined, reason);
}

test('a setting needs more than F members and two thirds of all', (t) => {
  refusedAs(t, chain, settingEntry(chain, { approvers: [0, 1, 2] }), undefined);
  refusedAs(t, chain, settingEntry(chain, { approvers: [0, 1] }), 'too-few');
  refusedAs(t, chain, settingEntry(chain, { approvers: [] }), 'too-few');
  refusedAs(t, chain, settingEntry(chain, { approvers: [0, 1, 9] }), 'unknown-sender');
  refusedAs(t, chain, settingEntry(chain, { approvers: [1, 0, 2] }), 'wrong-shape');
  refusedAs(t, chain, settingEntry(chain, { approvers: [0, 0, 1] }), 'wrong-shape');
});

test('two thirds are counted in weight too', (t) => {
  const weighted = newChain(7, { weights: [1, 1, 1, 1, 1, 2, 2] });
  const five = settingEntry(weighted, { approvers: [0, 1, 2, 3, 4] });
  refusedAs(t, weighted, five, 'too-few');
  const six = settingEntry(weighted, { approvers: [0, 1, 2, 3, 4, 5] });
  refusedAs(t, weighted, six, undefined);
});

test('a value replaces the one that it names, and no other one', (t) => {
  refusedAs(t, set, settingEntry(set), 'duplicate');
  refusedAs(t, set, settingEntry(set, { value: 'star' }), 'conflict');
  refusedAs(t, set, settingEntry(set, { base: 2, value: 'star' }), 'unknown-block');
  const again = extended(set, settingEntry(set, { base: 1, value: 'star' }));
  t.like(again.settings.get('topology')?.record, { height: 2, number: 2, value: 'star' });
});

test('a stranger proposes no setting, and nobody one of another collection', (t) => {
  refusedAs(t, chain, settingEntry(chain, { author: 9 }), 'unknown-sender');
  refusedAs(t, chain, settingEntry(chain, { collection: 'images' }), 'wrong-shape');
});

test('SETTINGS_MAX settings stand: a new name is refused, a new value is not', (t) => {
  let state = chain;
  for (let at = 0; at < SETTINGS_MAX; at += 64) {
    const names = Array.from({ length: 64 }, (_, i) => ({ name: `s${at + i}` }));
    state = extended(state, ...names.map((each) => settingEntry(state, each)));
  }
  refusedAs(t, state, settingEntry(state, { name: 'one-more' }), 'busy');
  refusedAs(t, state, settingEntry(state, { base: 1, name: 's7', value: 'star' }), undefined);
});
