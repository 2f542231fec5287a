import type { MemberId } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { openChain } from './chain-state.ts';
import { inclusionObjection } from './inclusion.ts';
import {
  CHAIN_RULES,
  hex,
  memberOf,
  membershipEntry,
  newChain,
  TOY_RULES,
  toyDigest,
} from './ledger-fixture.ts';
import { membershipAfter, membershipOf, type OpenedRoster } from './membership.ts';

const chain = newChain(4, { weights: [2, 3, 3, 3] });
const refusedAs = (seq: number, places: readonly number[]) =>
  inclusionObjection(membershipEntry(seq, places), chain, TOY_RULES)?.reason;

function roster(seq: number, peers: readonly (readonly [number, number?])[]): OpenedRoster {
  return {
    digest: toyDigest(Uint8Array.of(seq)),
    peers: peers.map(([place, formerly]) => ({
      formerly: formerly === undefined ? null : memberOf(formerly),
      member: memberOf(place),
      publicKey: Uint8Array.of(place),
    })),
    seq,
  };
}

const weightsOf = (seq: number, peers: readonly (readonly [number, number?])[]) =>
  membershipAfter(chain.membership, roster(seq, peers), toyDigest).members.map(
    ({ weight }) => weight,
  );

test('a roster changes the members only when it is newer and names others', (t) => {
  t.is(refusedAs(2, [0, 1, 2, 3, 4]), undefined);
  t.is(refusedAs(1, [0, 1, 2]), 'stale-round');
  t.is(refusedAs(2, [0, 1, 2, 3]), 'duplicate');
  t.is(refusedAs(2, []), 'wrong-shape');
  t.is(refusedAs(2, [1, 0, 2]), 'wrong-shape');
  t.is(refusedAs(2, [0, 1, 1, 2]), 'wrong-shape');
});

test('a roster that the administrators did not sign is refused as its opener says', (t) => {
  const entry = { kind: 'membership', roster: Uint8Array.of(1) } as const;
  t.is(inclusionObjection(entry, chain, TOY_RULES)?.reason, 'bad-signature');
});

test('weights stay with their members, under a new key too; who comes weighs one', (t) => {
  t.deepEqual(weightsOf(2, [[0], [1], [2], [3], [4]]), [2, 3, 3, 3, 1]);
  t.deepEqual(weightsOf(2, [[0], [1], [2], [7, 3]]), [2, 3, 3, 3]);
});

test('when a weight would reach a third of all, everyone weighs one', (t) => {
  t.deepEqual(weightsOf(2, [[1], [2], [4], [5], [6]]), [1, 1, 1, 1, 1]);
});

test('a genesis with a weight of a third, another roster or no peer opens no chain', (t) => {
  const open = (weight: number, peers: readonly (readonly [number])[], digest?: string) => {
    const opened = roster(1, peers);
    const genesis = {
      collection: 'documents',
      roster: (digest ?? opened.digest) as typeof opened.digest,
      rules: CHAIN_RULES,
      weights: [{ member: memberOf(0), weight }],
    };
    const state = openChain({ genesis, id: opened.digest, roster: opened }, toyDigest);
    return state.ok ? 'ok' : state.refusal.reason;
  };
  const four = [[0], [1], [2], [3]] as const;
  t.is(open(1, four), 'ok');
  t.is(open(2, four), 'wrong-shape');
  t.is(open(1, four, hex(3)), 'wrong-shape');
  t.is(open(1, []), 'wrong-shape');
});

test('nobody, members out of order and one that stands twice are a broken caller', (t) => {
  const [first, second] = chain.membership.members;
  if (first === undefined || second === undefined) return t.fail();
  for (const members of [[], [second, first], [first, first]]) {
    t.throws(() => membershipOf(members, 1, toyDigest), { instanceOf: RangeError });
  }
});

test('two quorums by weight share more than may lie', (t) => {
  const drawn = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 4, maxLength: 20 });
  fc.assert(
    fc.property(drawn, fc.infiniteStream(fc.boolean()), (weights, coins) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      fc.pre(weights.every((weight) => 3 * weight < total));
      const { members, weight } = newChain(weights.length, { weights }).membership;
      const quorum = () => {
        const chosen = new Set<MemberId>();
        let sum = 0;
        for (const each of [...members, ...members]) {
          const isTaken = sum >= weight.quorum || chosen.has(each.member);
          if (isTaken || !coins.next().value) continue;
          chosen.add(each.member);
          sum += each.weight;
        }
        return sum >= weight.quorum ? chosen : new Set(members.map(({ member }) => member));
      };
      const [a, b] = [quorum(), quorum()];
      const shared = members.filter(({ member }) => a.has(member) && b.has(member));
      t.true(shared.reduce((sum, each) => sum + each.weight, 0) > weight.tolerated);
    }),
    { numRuns: 300 },
  );
});
