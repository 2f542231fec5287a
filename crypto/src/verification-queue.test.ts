import { NO_METER } from '@starling/shared';
import test from 'ava';
import { createIdentity } from './identity.ts';
import { type SignatureClaim, verifyLater } from './signature-claim.ts';
import {
  HOLDING_MAX,
  VERIFYING_MAX,
  VerificationQueue,
  WAITING_MAX,
} from './verification-queue.ts';

const identity = createIdentity(new Uint8Array(32).fill(1));

function claimOf(value: number, signature = Uint8Array.of(1)): SignatureClaim {
  const message = new Uint8Array(4);
  new DataView(message.buffer).setUint32(0, value);
  return { publicKey: identity.publicKey, message, context: 'starling/test/v1', signature };
}

/** A verifier that waits until it is let go. */
function heldVerifier() {
  const held: Array<(holds: boolean) => void> = [];
  const verify = (): Promise<boolean> => new Promise((resolve) => held.push(resolve));
  return { held, verify };
}

test('true and false signatures are told apart on the runtime’s threads', async (t) => {
  const queue = new VerificationQueue(verifyLater, NO_METER, 'starling_test_total');
  const claim = claimOf(7);
  const signature = identity.sign(claim.message, claim.context);
  t.is(await queue.check({ ...claim, signature }), 'holds');
  t.is(await queue.check(claim), 'false');
  t.is(await queue.checkAll([{ ...claim, signature }, claim]), 'false');
});

test('a claim is verified once, also when it is asked for twice at once', async (t) => {
  const queue = new VerificationQueue(async () => true, NO_METER, 'starling_test_total');
  const answers = [queue.check(claimOf(1)), queue.check(claimOf(1)), queue.check(claimOf(2))];
  t.deepEqual(await Promise.all(answers), ['holds', 'holds', 'holds']);
  t.is(await queue.check(claimOf(1)), 'holds');
  t.is(queue.verified, 2);
});

test('what a site signed itself is not verified', async (t) => {
  const queue = new VerificationQueue(async () => false, NO_METER, 'starling_test_total');
  queue.trust(claimOf(1));
  t.true(queue.isKnown(claimOf(1)));
  t.is(await queue.check(claimOf(1)), 'holds');
  t.is(queue.verified, 0);
});

test('a full queue answers busy, and goes on once there is room', async (t) => {
  const { held, verify } = heldVerifier();
  const queue = new VerificationQueue(verify, NO_METER, 'starling_test_total');
  const waiting = Array.from({ length: VERIFYING_MAX + WAITING_MAX }, (_, i) =>
    queue.check(claimOf(i)),
  );
  t.is(held.length, VERIFYING_MAX);
  t.is(await queue.check(claimOf(99_999)), 'busy');
  t.false(queue.hasRoom());
  held.splice(0).forEach((letGo) => void letGo(true));
  t.is(await waiting[0], 'holds');
  t.true(queue.hasRoom());
  queue.stop();
  t.is(await waiting.at(-1), 'busy');
  t.is(await queue.check(claimOf(0)), 'holds');
  t.is(await queue.check(claimOf(77_777)), 'busy');
});

test('it remembers a bounded number of claims', async (t) => {
  const queue = new VerificationQueue(async () => true, NO_METER, 'starling_test_total');
  for (let i = 0; i <= HOLDING_MAX; i++) queue.trust(claimOf(i));
  t.false(queue.isKnown(claimOf(0)));
  t.true(queue.isKnown(claimOf(1)));
});
