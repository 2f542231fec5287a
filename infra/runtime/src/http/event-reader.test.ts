import test from 'ava';
import { EventReader, STREAM_QUEUE_BYTES_MAX } from './event-reader.ts';

test('a reader that does not read is dropped with the reason, and its queue stays bounded', async (t) => {
  const reasons: string[] = [];
  let closed = 0;
  const reader = new EventReader((reason) => void reasons.push(reason));
  reader.onClose(() => closed++);
  const frame = { name: 'status', id: 1, data: JSON.stringify('x'.repeat(64 * 1024)) } as const;
  const most = Math.ceil(STREAM_QUEUE_BYTES_MAX / frame.data.length);
  for (let i = 0; i <= most; i++) reader.send([frame]);
  t.is(closed, 1);
  t.deepEqual(reasons, [`too slow: more than ${STREAM_QUEUE_BYTES_MAX} bytes were not read`]);
  // Nobody writes to it any more.
  reader.send([frame]);
  reader.comment('alive');
  let bytes = 0;
  let last = '';
  for await (const part of reader.stream) {
    bytes += part.length;
    last = new TextDecoder().decode(part);
  }
  t.true(bytes < STREAM_QUEUE_BYTES_MAX + 2 * frame.data.length);
  t.regex(last, /^event: end\ndata: {"reason":"too slow/);
  t.is(reasons.length, 1);
});

test('a reader that goes is forgotten, and what comes later is not kept for it', async (t) => {
  let closed = 0;
  const reader = new EventReader(() => t.fail());
  reader.onClose(() => closed++);
  await reader.stream.cancel();
  t.is(closed, 1);
  reader.end('over');
  reader.onClose(() => closed++);
  t.is(closed, 2);
});
