import test from 'ava';
import { FAULT_REASONS, HARMLESS_REASONS, refusal } from './verdict.ts';

test('a proven fault costs score, a harmless reason does not', (t) => {
  for (const reason of FAULT_REASONS) t.is(refusal(reason, '').kind, 'reject');
  for (const reason of HARMLESS_REASONS) t.is(refusal(reason, '').kind, 'ignore');
});

test('no reason is both a fault and harmless', (t) => {
  const all = [...FAULT_REASONS, ...HARMLESS_REASONS];
  t.is(new Set(all).size, all.length);
});
