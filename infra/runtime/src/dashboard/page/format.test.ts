import test from 'ava';
import {
  brief,
  count,
  decimal,
  duration,
  micros,
  NONE,
  percent,
  relative,
  tokens,
} from './format.js';

test('spans of time come with their units', (t) => {
  const spans = [-5, 12, 1_500, 42_000, 125_000, 7_260_000, 400_000_000];
  t.deepEqual(spans.map(duration), [
    ...['0 ms', '12 ms', '1.5 s', '42 s', '2 min 5 s', '2 h 1 min', '4 days'],
  ]);
});

test('instants are told from now, before and after it', (t) => {
  const now = 1e12;
  t.is(relative(now - 200, now), 'just now');
  t.is(relative(now - 59_000, now), '59 seconds ago');
  t.is(relative(now - 3 * 3_600_000, now), '3 hours ago');
  t.is(relative(now + 2 * 86_400_000, now), 'in 2 days');
});

test('numbers of any size keep all their digits', (t) => {
  t.is(tokens('-12345678901234567890'), '-12,345,678,901,234,567,890');
  t.is(count(1_143), '1,143');
  t.is(micros(832_100), '0.832');
  t.is(percent(1, 3), '33 %');
});

test('what is not known is a dash and never a number', (t) => {
  for (const text of [micros(null), decimal(null), decimal(undefined), percent(1, 0)]) {
    t.is(text, NONE);
  }
  t.is(decimal(Number.NaN), NONE);
});

test('digests are cut, names are not', (t) => {
  t.is(brief('a'.repeat(64)), 'aaaaaaaaaa…');
  t.is(brief('issuance'), 'issuance');
});
