import { encodeCanonical } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { decodeEvent, type EventType, encodeEvent } from './events.ts';
import { History, MEMBERS, START_MS } from './history-fixture.ts';
import { RulesError } from './rules-error.ts';

const [alice] = MEMBERS;
const history = new History().register().open();
if (alice !== undefined) history.update(alice);

test('every event decodes to what was encoded', (t) => {
  for (const [i, event] of history.events.entries()) {
    const decoded = decodeEvent({ ...encodeEvent(event, START_MS), seq: i + 1 });
    t.deepEqual(decoded, { ...event, seq: i + 1, atMs: START_MS });
  }
});

test('an unknown type is that of a newer program, which the refusal says', (t) => {
  for (const type of ['vote-bought', 'toString', '__proto__', '']) {
    const stored = { seq: 1, atMs: START_MS, type, payload: encodeCanonical({}) };
    const refusal = { instanceOf: RulesError, code: 'newer-log', message: /upgrade Starling/ };
    t.throws(() => decodeEvent(stored), refusal);
  }
});

test('a payload of another shape is a corrupt log', (t) => {
  const types: EventType[] = ['run-planned', 'round-opened', 'version-finalised'];
  for (const type of types) {
    const stored = { seq: 1, atMs: START_MS, type, payload: encodeCanonical({ extra: 1 }) };
    t.throws(() => decodeEvent(stored), { code: 'corrupt-log' });
  }
});

test('a damaged payload never decodes to another type of failure than a corrupt log', (t) => {
  const at = fc.nat({ max: history.events.length - 1 });
  fc.assert(
    fc.property(at, fc.nat(), fc.nat({ max: 255 }), (which, position, byte) => {
      const event = history.events[which];
      if (event === undefined) return;
      const { payload, type } = encodeEvent(event, START_MS);
      payload[position % payload.byteLength] = byte;
      try {
        decodeEvent({ seq: 1, atMs: START_MS, type, payload });
      } catch (error) {
        t.true(error instanceof RulesError && error.code === 'corrupt-log');
      }
    }),
    { numRuns: 1000 },
  );
  t.pass();
});
