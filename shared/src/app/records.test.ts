import test from 'ava';
import {
  METRIC_LIST_MAX,
  RECORD_NAME_LENGTH_MAX,
  RECORD_NAMES_MAX,
  RECORD_TEXT_LENGTH_MAX,
  recordDict,
  recordFault,
} from './records.ts';

test('a dict of nothing is whole, and parts stand where they were given', (t) => {
  t.is(recordFault(recordDict()), undefined);
  const dict = recordDict({ metrics: { loss: Number.NaN, 'per-class': [1, 2] } });
  t.deepEqual(dict, { arrays: {}, metrics: { loss: Number.NaN, 'per-class': [1, 2] }, config: {} });
  t.is(recordFault(dict), undefined);
});

test('what a handler may answer by mistake is named with its place', (t) => {
  const faults: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /expected \{ arrays, metrics, config \}, not undefined/],
    [[], /not a Array/],
    [{ arrays: {}, metrics: {} }, /config is undefined/],
    [
      recordDict({ arrays: { model: [1] as never } }),
      /arrays\['model'\] is a Array, not a Float32/,
    ],
    [recordDict({ arrays: { model: new Float64Array(1) as never } }), /is a Float64Array/],
    [recordDict({ metrics: { loss: '1' as never } }), /metrics\['loss'\] is a string/],
    [recordDict({ metrics: { loss: [1, '1'] as never } }), /metrics\['loss'\]/],
    [recordDict({ config: { rate: null as never } }), /config\['rate'\] is null/],
  ];
  for (const [value, fault] of faults) t.regex(recordFault(value) ?? 'no fault', fault);
});

test('names, texts and lists have a largest size', (t) => {
  const names = (count: number) =>
    recordDict({ config: Object.fromEntries(Array.from({ length: count }, (_, i) => [i, i])) });
  t.is(recordFault(names(RECORD_NAMES_MAX)), undefined);
  t.regex(recordFault(names(RECORD_NAMES_MAX + 1)) ?? '', /has 257 names: at most 256/);
  const named = (length: number) => recordDict({ metrics: { ['a'.repeat(length)]: 1 } });
  t.is(recordFault(named(RECORD_NAME_LENGTH_MAX)), undefined);
  t.regex(recordFault(named(RECORD_NAME_LENGTH_MAX + 1)) ?? '', /129 characters: at most 128/);
  const text = (length: number) => recordDict({ config: { note: 'a'.repeat(length) } });
  t.is(recordFault(text(RECORD_TEXT_LENGTH_MAX)), undefined);
  t.regex(recordFault(text(RECORD_TEXT_LENGTH_MAX + 1)) ?? '', /at most 4096 characters/);
  const list = (length: number) => recordDict({ metrics: { all: Array(length).fill(1) } });
  t.is(recordFault(list(METRIC_LIST_MAX)), undefined);
  t.regex(recordFault(list(METRIC_LIST_MAX + 1)) ?? '', /at most 65536 numbers/);
});
