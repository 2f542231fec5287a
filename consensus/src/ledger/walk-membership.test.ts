import {
  type CborValue,
  type ChainBlock,
  type ChainCertificate,
  type Digest,
  encodeCanonical,
  PATTERN_DIMENSION_MAX,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { blockIdOf } from './apply-block.ts';
import { type ChainState, kept, nextEpoch } from './chain-state.ts';
import { claimsOfCertificate, type DecidedRun, finalRunObjection } from './final-run.ts';
import {
  blockOn,
  extended,
  hex,
  membershipEntry,
  modelEntry,
  newChain,
  patternEntry,
  settingEntry,
  TOY_RULES,
  toySignature,
} from './ledger-fixture.ts';
import { decodeState, encodeState, isCheckpoint } from './snapshot.ts';
import { STATE_RECORD_BYTES_MAX } from './snapshot-schema.ts';
import { stateRootOf } from './state-root.ts';
import { epochStartOf, membershipsOf, walkMembership } from './walk-membership.ts';

/** A finalisation of this block by the members at these places. */
function certified(
  state: ChainState,
  block: ChainBlock,
  voters: readonly number[] = [0, 1, 2],
): ChainCertificate {
  const { collection, epoch, view } = block;
  const vote = {
    block: blockIdOf(block, TOY_RULES),
    collection,
    epoch,
    kind: 'finalize',
    view,
  } as const;
  const body = encodeCanonical(vote);
  const proofs = voters.map((voter) => {
    const member = state.membership.members[voter]?.member ?? state.membership.members[0]?.member;
    if (member === undefined) throw new Error('no members');
    return { signature: toySignature({ body, member, type: 'chain-vote' }), voter };
  });
  return { proofs, vote };
}

/** Ends the epoch, with blocks behind the last one that only helped to decide it. */
function ending(state: ChainState, seq: number, places: readonly number[], trail = 0) {
  const blocks = [blockOn(state, [membershipEntry(seq, places)])];
  let ended = extended(state, membershipEntry(seq, places));
  for (let i = 0; i < trail; i++) {
    blocks.push(blockOn(ended, []));
    ended = extended(ended);
  }
  const last = blocks.at(-1);
  const next = nextEpoch(ended);
  if (last === undefined || next === undefined) throw new Error('the epoch has ended');
  return { ended, next, run: { blocks, certificate: certified(state, last) } satisfies DecidedRun };
}

const chain = newChain(4);
const busy = extended(chain, patternEntry(chain), modelEntry(chain, 0), settingEntry(chain));
const first = ending(busy, 2, [1, 2, 3, 4]);
const second = ending(extended(first.next), 3, [2, 3, 4, 5], 2);
const third = ending(second.next, 4, [2, 3, 4, 5, 6]);
const start = epochStartOf(chain);
const runs = [first.run, second.run, third.run];
const walk = (steps: readonly DecidedRun[]) => walkMembership(start, steps, TOY_RULES);

function refusedAs(t: ExecutionContext, steps: readonly DecidedRun[], reason: string): void {
  const walked = walk(steps);
  t.is(walked.ok ? 'ok' : walked.refusal.reason, reason);
}

test('from the genesis one walks to the members of today, epoch by epoch', (t) => {
  const walked = walk(runs);
  if (!walked.ok) return t.fail(walked.refusal.detail);
  t.deepEqual(
    walked.value.map(({ epoch }) => epoch),
    [1, 2, 3, 4],
  );
  t.deepEqual(walked.value.at(-1), epochStartOf(third.next));
  t.deepEqual(walked.value[2], epochStartOf(second.next));
});

test('a skipped epoch, a repeated one and another order are refused', (t) => {
  refusedAs(t, [second.run], 'future-epoch');
  refusedAs(t, [first.run, third.run], 'future-epoch');
  refusedAs(t, [first.run, first.run], 'stale-epoch');
});

test('a step without a quorum, with a forged vote or signed by the new members is refused', (t) => {
  const [block] = first.run.blocks as [ChainBlock];
  const few = { ...first.run, certificate: certified(busy, block, [0, 1]) };
  refusedAs(t, [few], 'too-few');
  const [proof, ...others] = first.run.certificate.proofs;
  if (proof === undefined) return t.fail();
  const proofs = [{ ...proof, signature: Uint8Array.of(1, 2, 3, 4) }, ...others];
  const forged = { ...first.run, certificate: { ...first.run.certificate, proofs } };
  refusedAs(t, [forged], 'bad-signature');
  const own = { ...first.run, certificate: certified(first.next, block) };
  refusedAs(t, [own], 'bad-signature');
  const stranger = { ...first.run, certificate: certified(busy, block, [0, 1, 9]) };
  refusedAs(t, [stranger], 'unknown-sender');
  const twice = { ...first.run, certificate: certified(busy, block, [0, 1, 1]) };
  refusedAs(t, [twice], 'wrong-shape');
});

test('a roster put into a certified block afterwards is refused', (t) => {
  const [block] = first.run.blocks as [ChainBlock];
  const swapped = { ...block, entries: [membershipEntry(2, [1, 2, 3, 9])] };
  refusedAs(t, [{ ...first.run, blocks: [swapped] }], 'unknown-block');
});

test('a certified block that ends nothing, and one with an unsigned roster, are no step', (t) => {
  const plain = blockOn(busy, []);
  const run = { blocks: [plain], certificate: certified(busy, plain) };
  refusedAs(t, [run], 'wrong-shape');
  const bad = { ...plain, entries: [{ kind: 'membership', roster: Uint8Array.of(7) } as const] };
  refusedAs(t, [{ blocks: [bad], certificate: certified(busy, bad) }], 'bad-signature');
  const old = { ...plain, entries: [membershipEntry(1, [1, 2, 3])] };
  refusedAs(t, [{ blocks: [old], certificate: certified(busy, old) }], 'stale-round');
});

test('a run with a gap, of two epochs or under another vote proves nothing', (t) => {
  const of = epochStartOf(second.next);
  const epoch = { ...of, epoch: 2, membership: first.next.membership };
  const { blocks, certificate } = second.run;
  const [ending, , last] = blocks as [ChainBlock, ChainBlock, ChainBlock];
  const reason = (run: DecidedRun) => finalRunObjection(run, epoch, TOY_RULES)?.reason;
  t.is(reason(second.run), undefined);
  t.is(reason({ blocks: [ending, last], certificate }), 'wrong-height');
  t.is(reason({ blocks: [ending], certificate }), 'unknown-block');
  t.is(reason({ blocks: [], certificate }), 'wrong-shape');
  t.is(reason({ blocks: [...blocks, ...third.run.blocks], certificate }), 'future-epoch');
  const notarized = { ...certificate, vote: { ...certificate.vote, kind: 'notarize' as const } };
  t.is(reason({ blocks, certificate: notarized }), 'unknown-block');
  const elsewhere = { ...certificate.vote, collection: 'images' };
  t.is(reason({ blocks, certificate: { ...certificate, vote: elsewhere } }), 'wrong-shape');
});

test('a certificate claims one signature per vote', (t) => {
  const claims = claimsOfCertificate(first.run.certificate, busy.membership);
  t.is(claims.length, 3);
  t.true(claims.every((claim) => TOY_RULES.isSigned(claim)));
});

const walked = walk(runs);
const memberships = membershipsOf(walked.ok ? walked.value : []);

function decode(
  state: ChainState,
  block: ChainBlock,
  { bytes = encodeState(state), known = memberships } = {},
) {
  const { genesis, rules } = chain;
  const { digestOf } = TOY_RULES;
  return decodeState(bytes, { block, digestOf, genesis, memberships: known, rules });
}

test('a snapshot gives the state again, also one that ended its epoch', (t) => {
  const inside = extended(second.next, settingEntry(second.next, { name: 'degree' }));
  const block = blockOn(second.next, [settingEntry(second.next, { name: 'degree' })]);
  for (const [state, at] of [
    [inside, block],
    [first.ended, first.run.blocks[0]],
  ] as const) {
    if (at === undefined) return t.fail();
    const decoded = decode(state, at);
    if (!decoded.ok) return t.fail(decoded.refusal.detail);
    t.deepEqual(encodeState(decoded.value), encodeState(state));
    t.deepEqual(decoded.value.tip, state.tip);
    t.deepEqual(decoded.value.next, state.next);
    t.deepEqual(nextEpoch(decoded.value)?.membership, nextEpoch(state)?.membership);
    t.is(stateRootOf(decoded.value, TOY_RULES.digestOf), at.stateRoot);
  }
});

test('a swapped root, another state and another height are refused', (t) => {
  const [block] = first.run.blocks as [ChainBlock];
  const reason = (result: ReturnType<typeof decode>) => (result.ok ? 'ok' : result.refusal.reason);
  t.is(reason(decode(first.ended, { ...block, stateRoot: hex(1) as Digest })), 'wrong-root');
  t.is(reason(decode(busy, block)), 'wrong-height');
  const poorer = { ...first.ended, patterns: new Map() };
  t.is(reason(decode(poorer, block)), 'wrong-root');
  t.is(reason(decode(first.ended, block, { known: new Map() })), 'stale-epoch');
  t.is(reason(decode({ ...first.ended, genesis: hex(2) as Digest }, block)), 'wrong-height');
});

test('any byte of a snapshot that is changed gives no state', (t) => {
  const [block] = first.run.blocks as [ChainBlock];
  const bytes = encodeState(first.ended);
  const change = fc.tuple(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }));
  fc.assert(
    fc.property(change, ([at, mask]) => {
      const other = bytes.with(at, (bytes[at] ?? 0) ^ mask);
      t.false(decode(first.ended, block, { bytes: other }).ok);
    }),
    { numRuns: 500 },
  );
});

test('arbitrary values are no snapshot', (t) => {
  const [block] = first.run.blocks as [ChainBlock];
  for (const value of [null, [], {}, { height: 1 }] as CborValue[]) {
    t.false(decode(first.ended, block, { bytes: encodeCanonical(value) }).ok);
  }
});

test('the largest pattern fits a record, and what is no record is refused under any root', (t) => {
  const many = Array.from({ length: 16 }, (_, i) => hex(i) as Digest);
  const [pattern] = [...first.ended.patterns.values()];
  const [block] = first.run.blocks as [ChainBlock];
  if (pattern === undefined) return t.fail();
  const centroid = new Uint8Array(PATTERN_DIMENSION_MAX);
  const large = {
    ...pattern.record,
    parents: many,
    pattern: { ...pattern.record.pattern, centroid },
    supersededBy: hex(1) as Digest,
    supersedes: many,
  };
  const verdictOn = (record: object) => {
    const made = kept(record as typeof large, TOY_RULES.digestOf);
    const state = { ...first.ended, patterns: new Map([[large.id, made]]) };
    const stateRoot = stateRootOf(state, TOY_RULES.digestOf);
    const decoded = decode(state, { ...block, stateRoot });
    return decoded.ok ? 'ok' : decoded.refusal.reason;
  };
  t.is(verdictOn(large), 'ok');
  t.is(verdictOn({ ...large, boundMicros: -1 }), 'wrong-shape');
  const longer = { ...large.pattern, centroid: new Uint8Array(STATE_RECORD_BYTES_MAX) };
  t.is(verdictOn({ ...large, pattern: longer }), 'wrong-shape');
});

test('checkpoints stand at every multiple of their distance, and not at the genesis', (t) => {
  const heights = [0, 1, 255, 256, 257, 512];
  t.deepEqual(
    heights.filter((height) => isCheckpoint(height, chain.rules)),
    [256, 512],
  );
});
