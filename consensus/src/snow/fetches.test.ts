import test from 'ava';
import { digestOf } from './digest-fixture.ts';
import { FETCH_TRIES_MAX, FETCHES_MAX, Fetches } from './fetches.ts';

test('a block is asked for until it comes, at intervals', (t) => {
  const fetches = new Fetches(100);
  fetches.want(digestOf(1), 0);
  fetches.want(digestOf(1), 5);
  t.deepEqual(fetches.due(0), [digestOf(1)]);
  t.deepEqual(fetches.due(99), []);
  t.is(fetches.nextMs(), 100);
  t.deepEqual(fetches.due(100), [digestOf(1)]);
  fetches.got(digestOf(1));
  t.deepEqual(fetches.due(1000), []);
  t.is(fetches.nextMs(), Number.POSITIVE_INFINITY);
});

test('nothing is asked for without end, and not too much at once', (t) => {
  const fetches = new Fetches(100);
  for (let i = 0; i < 250; i += 1) fetches.want(digestOf(i), 0);
  let asked = 0;
  for (let nowMs = 0; nowMs < 10_000; nowMs += 100) asked += fetches.due(nowMs).length;
  t.is(asked, FETCHES_MAX * FETCH_TRIES_MAX);
  fetches.want(digestOf(255), 10_000);
  t.deepEqual(fetches.due(10_000), [digestOf(255)]);
});
