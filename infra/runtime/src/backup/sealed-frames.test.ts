import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { FRAME_BYTES, openFrames, sealFrames } from './sealed-frames.ts';

const KEY = Buffer.alloc(32, 7);
const BOUND = Buffer.from('whose it is');
const BOX = FRAME_BYTES + 16;

async function* chunked(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += size) yield bytes.subarray(from, from + size);
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return Buffer.concat(pieces);
}

testProp(
  'bytes come back whatever pieces they come in',
  [fc.integer({ min: 0, max: 3 * FRAME_BYTES }), fc.integer({ min: 50_000, max: 2 * FRAME_BYTES })],
  async (t, size, piece) => {
    const bytes = Buffer.alloc(size, 'starling');
    const sealed = await all(sealFrames(KEY, BOUND, chunked(bytes, piece)));
    const opened = await all(openFrames(KEY, BOUND, chunked(sealed, 77_777)));
    t.is(Buffer.compare(opened, bytes), 0);
  },
  { numRuns: 10 },
);

test('frames that were cut off at a boundary, swapped, repeated or bound elsewhere do not open', async (t) => {
  const bytes = Buffer.alloc(3 * FRAME_BYTES, 'starling');
  const sealed = await all(sealFrames(KEY, BOUND, chunked(bytes, 1 << 16)));
  t.is(sealed.byteLength, 3 * BOX);
  const frame = (i: number) => sealed.subarray(i * BOX, (i + 1) * BOX);
  const wrong = [
    [frame(0), frame(1)],
    [frame(1), frame(0), frame(2)],
    [frame(0), frame(0), frame(1), frame(2)],
    [],
  ];
  for (const frames of wrong) {
    const opening = all(openFrames(KEY, BOUND, chunked(Buffer.concat(frames), 1 << 16)));
    await t.throwsAsync(opening, { instanceOf: TypeError });
  }
  const elsewhere = openFrames(KEY, Buffer.from('another'), chunked(sealed, 1 << 16));
  await t.throwsAsync(all(elsewhere), { instanceOf: TypeError });
});
