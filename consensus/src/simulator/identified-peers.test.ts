import test from 'ava';
import { Snowflake } from '../snow/snowflake.ts';
import { IdentifiedPeers, type PeersSetting } from './identified-peers.ts';
import { Xoshiro128 } from './xoshiro.ts';

const SETTING: PeersSetting = {
  weights: new Uint32Array(12).fill(1),
  adversaryShare: 0.25,
  adversary: 'silent',
  alphaPreference: 3,
  alphaConfidence: 4,
  beta: 3,
  split: 0.5,
  crash: undefined,
  partition: undefined,
};

test('a simulated peer does what a Snowflake of this room does, poll by poll', (t) => {
  const random = Xoshiro128.seeded(6);
  const rules = { alphaPreference: 3, conditions: [{ alphaConfidence: 4, beta: 3 }] };
  const peers = new IdentifiedPeers(SETTING);
  for (let run = 0; run < 200; run++) {
    peers.reset(random);
    const honest = [...peers.active.subarray(0, peers.activePeers)];
    const flakes = new Map(
      honest.map((peer) => [peer, new Snowflake(rules, peers.colours[peer] as number)]),
    );
    for (let step = 0; step < 60 && peers.activePeers > 0; step++) {
      const peer = peers.active[random.below(peers.activePeers)] as number;
      const zeros = random.below(6);
      const ones = random.below(6 - zeros);
      peers.recordOf(peer, zeros, ones);
      const flake = flakes.get(peer);
      flake?.recordPoll(Math.max(zeros, ones), zeros > ones ? 0 : 1);
      t.is(flake?.preference, peers.colours[peer]);
      t.is(flake?.finalized, peers.isFinal(peer));
    }
    const support = honest.filter((peer) => peers.colours[peer] === 0).length;
    t.is(peers.support, support);
    t.is(honest.filter((peer) => peers.isFinal(peer)).length, peers.final[0] + peers.final[1]);
  }
});

test('roles are drawn anew for every run, within their shares', (t) => {
  const peers = new IdentifiedPeers({
    ...SETTING,
    crash: { share: 0.34, from: 0, until: 1 },
    partition: { share: 0.5, from: 0, until: 1 },
  });
  const seen = new Set<string>();
  for (let run = 0; run < 20; run++) {
    peers.reset(Xoshiro128.seeded(1, run));
    const all = Array.from({ length: 12 }, (_, peer) => peer);
    const corrupt = all.filter((peer) => peers.isCorrupt(peer));
    t.is(corrupt.length, 3);
    t.is(peers.honestPeers, 9);
    t.is(peers.support, 5);
    const crashed = all.filter((peer) => peers.isCrashed(peer));
    t.is(crashed.length, 3);
    t.true(crashed.every((peer) => !peers.isCorrupt(peer)));
    t.is(all.filter((peer) => peers.isBehindCut(peer)).length, 6);
    seen.add(corrupt.join());
  }
  t.true(seen.size > 5);
});
