import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, MemoryEventLog, memoryChannelKey } from '@starling/adapters';
import { foundFederation } from '@starling/coordinator';
import { createIdentity } from '@starling/crypto';
import test, { type ExecutionContext } from 'ava';
import { viewLedger } from '../ledger-view.ts';
import { readLedgerFile } from '../offline-ledger.ts';
import { encodeEvidence } from './evidence-file.ts';

/** The evidence of a federation that was just founded. */
async function founded(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'starling-evidence-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const eventLog = new MemoryEventLog();
  const identity = createIdentity(new Uint8Array(32).fill(7));
  const world = {
    channelKey: memoryChannelKey('hub'),
    clock: new ManualClock(),
    eventLog,
    identity,
  };
  const training = {
    batchSize: 8,
    learningRateMicros: 1000,
    localEpochs: 1,
    temperatureMicros: 50_000,
  };
  const federation = await foundFederation(world, {
    name: 'ponds',
    rewards: { acceptedUpdate: 10, supply: 1_000, vote: 1 },
    task: {
      aggregation: { mode: 'plain' },
      app: null,
      clippingNormMicros: 1_000_000,
      encoder: { buckets: 2, dimension: 4 },
      seed: 7,
      training,
    },
  });
  const file = join(folder, 'ledger.cbor');
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeEvidence(eventLog.read(1))) pieces.push(piece);
  writeFileSync(file, Buffer.concat(pieces));
  return { eventLog, federation, file };
}

test('an exported file gives the view that the log gives, and asks nobody', async (t) => {
  const { eventLog, federation, file } = await founded(t);
  const view = await readLedgerFile(file, federation);
  t.deepEqual(view, await viewLedger(eventLog));
  t.like(view, { events: 2, firstProblem: null, signaturesVerified: 4 });
  t.deepEqual(
    view.balances.map(({ account, balance }) => [account, balance]),
    [
      ['issuance', '-1000'],
      ['treasury', '1000'],
    ],
  );
});

test('another federation, and an event that was changed, are named by the first event that does not hold', async (t) => {
  const { federation, file } = await founded(t);
  const other = await readLedgerFile(file, 'a'.repeat(64));
  t.like(other, { events: 0, firstProblem: { seq: 1, type: 'federation-created' }, rules: null });
  t.regex(other.problems[0] ?? '', /it is the log of federation [0-9a-f]{64}, not of aaaa/);
  const bytes = readFileSync(file);
  // The last bytes before the end are the signature under the first roster.
  const at = bytes.length - 40;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  const changed = await readLedgerFile(file, federation);
  t.like(changed, { events: 1, firstProblem: { seq: 2, type: 'roster-changed' } });
  t.is(changed.balances.length, 2, 'what holds is shown');
});

test('a file that is cut anywhere, goes on after its end or is another is refused', async (t) => {
  const { federation, file } = await founded(t);
  const whole = readFileSync(file);
  const odd: [Uint8Array, RegExp][] = [
    [whole.subarray(0, 10), /is no evidence of a ledger/],
    [whole.subarray(0, 21), /is damaged after event 0 \(it is cut off there\)/],
    [whole.subarray(0, whole.length - 1), /is damaged after event 2/],
    [whole.subarray(0, whole.length - 14), /is damaged after event [12]/],
    [Buffer.concat([whole, Buffer.of(1)]), /its end does not count them/],
    [Buffer.concat([whole.subarray(0, 19), Buffer.alloc(4, 255)]), /an item of 4294967295 bytes/],
  ];
  for (const [bytes, message] of odd) {
    writeFileSync(file, bytes);
    await t.throwsAsync(readLedgerFile(file, federation), { code: 'invalid-option', message });
  }
});
