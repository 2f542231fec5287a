import { type SignatureClaim, VerificationQueue, WAITING_MAX } from '@starling/crypto';
import { type Digest, NO_METER } from '@starling/shared';
import test from 'ava';
import {
  DESK_BLOCKS_MAX,
  DESK_VIEWS_AHEAD_MAX,
  type DeskVote,
  type HeldVote,
  VoteDesk,
} from './vote-desk.ts';

const blockOf = (value: number) => value.toString(16).padStart(64, '0') as Digest;
const notarize = (view: number, block: number): DeskVote => ({
  kind: 'notarize',
  view,
  block: blockOf(block),
});

/** A claim that says by its first signature byte whether it holds. */
function held(voter: number, vote: DeskVote, isTrue = true, salt = 0): HeldVote<DeskVote> {
  const said = new TextEncoder().encode(JSON.stringify([voter, vote, salt]));
  const claim: SignatureClaim = {
    publicKey: Uint8Array.of(voter),
    message: said,
    context: 'starling/test/v1',
    signature: Uint8Array.of(isTrue ? 1 : 0, salt),
  };
  return { voter, vote, claim };
}

function deskOf(quorum: number) {
  const queue = new VerificationQueue(
    async ({ signature }) => signature[0] === 1,
    NO_METER,
    'starling_test_total',
  );
  const verified: HeldVote<DeskVote>[] = [];
  const contradictions: number[] = [];
  const desk = new VoteDesk<DeskVote>(queue, {
    quorum,
    weights: EQUAL,
    onVerified: (votes) => verified.push(...votes),
    onContradiction: ({ voter }) => contradictions.push(voter),
  });
  return { contradictions, desk, queue, verified };
}

const EQUAL = Array.from({ length: 100 }, () => 1);
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a decision among 100 members costs a quorum of verifications per certificate', async (t) => {
  const { desk, queue, verified } = deskOf(67);
  const decided: DeskVote[] = [notarize(1, 7), { kind: 'finalize', view: 1, block: blockOf(7) }];
  for (const vote of decided) {
    for (let voter = 0; voter < 100; voter++) await desk.take(held(voter, vote), 1);
    await settled();
  }
  t.is(queue.verified, 2 * 67);
  t.is(verified.length, 2 * 67);
});

test('this site’s own vote is not verified', async (t) => {
  const { desk, queue, verified } = deskOf(3);
  desk.trust(held(0, notarize(1, 7)));
  for (const voter of [1, 2, 3]) await desk.take(held(voter, notarize(1, 7)), 1);
  await settled();
  t.is(queue.verified, 2);
  t.deepEqual(
    verified.map(({ voter }) => voter),
    [1, 2],
  );
});

test('too few votes for a quorum are not verified, nor are those of a decided view', async (t) => {
  const { desk, queue } = deskOf(3);
  for (const voter of [0, 1]) await desk.take(held(voter, notarize(4, 7)), 4);
  desk.decided(4);
  t.is((await desk.take(held(2, notarize(4, 7)), 5)).kind, 'accept');
  await settled();
  t.is(queue.verified, 0);
  desk.decided(9);
  t.like(await desk.take(held(3, notarize(4, 7)), 9), { reason: 'stale-round' });
});

test('forged votes are dropped, and the quorum is made of the others', async (t) => {
  const { desk, verified } = deskOf(3);
  for (const voter of [0, 1, 2]) await desk.take(held(voter, notarize(1, 7), voter > 0), 1);
  await settled();
  t.deepEqual(
    verified.map(({ voter }) => voter),
    [1, 2],
  );
  await desk.take(held(3, notarize(1, 7)), 1);
  await settled();
  t.deepEqual(
    verified.map(({ voter }) => voter),
    [1, 2, 3],
  );
});

test('a forgery in a member’s name does not keep its true vote out', async (t) => {
  const { contradictions, desk, verified } = deskOf(2);
  await desk.take(held(1, notarize(1, 9), false), 1);
  t.is((await desk.take(held(1, notarize(1, 7)), 1)).kind, 'accept');
  await desk.take(held(2, notarize(1, 7)), 1);
  await settled();
  t.deepEqual(
    verified.map(({ voter }) => voter),
    [1, 2],
  );
  t.deepEqual(contradictions, []);
});

test('a voter that contradicts itself is told of once; both votes were verified', async (t) => {
  const { contradictions, desk } = deskOf(3);
  const close: DeskVote[] = [
    { kind: 'nullify', view: 1 },
    { kind: 'finalize', view: 1, block: blockOf(7) },
  ];
  for (const pair of [[notarize(1, 7), notarize(1, 8)], close]) {
    for (const vote of pair) await desk.take(held(1, vote), 1);
    const third = await desk.take(held(1, { ...notarize(1, 9) }, true, 3), 1);
    t.like(third, { reason: 'equivocation' });
  }
  t.deepEqual(contradictions, [1, 1]);
});

test('a forged contradiction is none, and is refused', async (t) => {
  const { contradictions, desk } = deskOf(3);
  await desk.take(held(1, notarize(1, 7)), 1);
  t.like(await desk.take(held(1, notarize(1, 8), false), 1), { reason: 'bad-signature' });
  t.like(await desk.take(held(1, notarize(1, 7)), 1), { reason: 'duplicate' });
  t.deepEqual(contradictions, []);
});

test('views, blocks and votes that are held have limits', async (t) => {
  const { desk } = deskOf(99);
  const far = held(0, notarize(2 + DESK_VIEWS_AHEAD_MAX, 7));
  t.like(await desk.take(far, 1), { reason: 'future-round' });
  for (let voter = 0; voter < 100; voter++) await desk.take(held(voter, notarize(1, voter)), 1);
  t.is(desk.size, 2 * DESK_BLOCKS_MAX + 1);
  t.like(await desk.take(held(99, notarize(1, 5000)), 1), { reason: 'unknown-plan' });
});

test('votes that a full queue made wait are verified later', async (t) => {
  const { desk, queue, verified } = deskOf(2);
  const letGo: Array<() => void> = [];
  const slow = new VerificationQueue(
    () => new Promise((resolve) => letGo.push(() => resolve(true))),
    NO_METER,
    'starling_test_total',
  );
  const waiting = new VoteDesk<DeskVote>(slow, {
    quorum: 2,
    weights: EQUAL,
    onVerified: (votes) => verified.push(...votes),
    onContradiction: () => t.fail('nobody contradicts itself'),
  });
  for (let i = 0; i < WAITING_MAX + 4; i++) void slow.check(held(0, notarize(9, 1), true, i).claim);
  for (const voter of [1, 2]) await waiting.take(held(voter, notarize(1, 7)), 1);
  while (letGo.length > 0) {
    for (const each of letGo.splice(0)) each();
    await settled();
  }
  t.is(verified.length, 0);
  waiting.retry();
  await settled();
  while (letGo.length > 0) {
    for (const each of letGo.splice(0)) each();
    await settled();
  }
  t.is(verified.length, 2);
  t.is(desk.size + queue.verified, 0);
});
