import { modelUpdate, roundPlan } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { History } from './history-fixture.ts';
import { readFrame } from './read-frame.ts';
import { RulesError } from './rules-error.ts';

const frame = new History().planFrame();

test('a frame of another message type is a corrupt log', (t) => {
  t.throws(() => readFrame(frame, modelUpdate), { instanceOf: RulesError, code: 'corrupt-log' });
});

test('whatever the bytes are, reading a frame fails as a corrupt log only', (t) => {
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.nat({ max: frame.byteLength - 1 }).map((cut) => frame.subarray(0, cut)),
    fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) }).map(({ at, byte }) => {
      return frame.with(at % frame.byteLength, byte);
    }),
  );
  fc.assert(
    fc.property(damaged, (bytes) => {
      try {
        readFrame(bytes, roundPlan);
      } catch (error) {
        t.true(error instanceof RulesError && error.code === 'corrupt-log');
      }
    }),
    { numRuns: 1000 },
  );
  t.pass();
});
