import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { EVENT_LENGTH_MAX, EventParser, type StreamEvent } from './event-stream.js';
import { RETRY_MS_MAX, RETRY_MS_MIN, retryDelayMs } from './live-feed.js';

const TEXT =
  ': welcome\n\nevent: round\nid: 7\ndata: {"round":\ndata: 1}\n\ndata:x\r\n\r\nid: 9\n\nevent: alone\n\n';
const EVENTS: StreamEvent[] = [
  { event: 'round', id: '7', data: '{"round":\n1}' },
  { event: 'message', id: '7', data: 'x' },
];

test('events have their kind, id and data; comments and events without data are none', (t) => {
  t.deepEqual(new EventParser().push(TEXT), EVENTS);
});

testProp(
  'a stream that arrives in pieces of any size gives the same events',
  [fc.array(fc.nat({ max: TEXT.length }), { maxLength: 12 })],
  (t, cuts) => {
    const parser = new EventParser();
    const ends = [...cuts, TEXT.length].sort((a, b) => a - b);
    const pieces = ends.map((end, i) => TEXT.slice(ends[i - 1] ?? 0, end));
    t.deepEqual(
      pieces.flatMap((piece) => parser.push(piece)),
      EVENTS,
    );
  },
);

test('a line without an end is refused before it fills the memory', (t) => {
  const parser = new EventParser();
  parser.push('data: ');
  const error = t.throws(() => parser.push('x'.repeat(EVENT_LENGTH_MAX)));
  t.true(error instanceof RangeError);
});

test('attempts to reconnect come ever more seldom, up to a limit', (t) => {
  t.deepEqual([1, 2, 3].map(retryDelayMs), [RETRY_MS_MIN, 2_000, 4_000]);
  t.is(retryDelayMs(100), RETRY_MS_MAX);
});
