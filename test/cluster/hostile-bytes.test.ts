// Damaged frames by the thousand through the handlers of running nodes: always a verdict, never a
// change, every one counted.

import { sealMessage } from '@starling/crypto';
import { typeOfFrame } from '@starling/rules';
import {
  chainVote,
  encodeCanonical,
  type GossipTopic,
  MESSAGES,
  rosterNotice,
  type Verdict,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { ClusterNode } from './cluster-node.ts';
import type { ClusterSite } from './cluster-site.ts';
import { HostileMember } from './hostile-member.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

const RUNS = 1500;

/** Three sites after a round, and one good frame of every kind that they heard. */
async function afterOneRound(t: ExecutionContext) {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  const hostile = await HostileMember.join(cluster);
  t.teardown(() => hostile.close());
  const { federation, round, rosterDigest, rosterFrames } = cluster.replay();
  const body = { roster: rosterFrames.get(rosterDigest) ?? new Uint8Array() };
  const notice = sealMessage(cluster.node.identity, rosterNotice, { federation, body });
  const [update] = [...(round?.updates.values() ?? [])].map(({ frame }) => frame);
  const consensus = wiretap.heard.filter((bytes) => topicOf(bytes) === 'consensus');
  const frames = {
    consensus,
    site: [hostile.registration(), update ?? new Uint8Array()],
    vote: [hostile.vote()],
    control: [
      round?.planFrame ?? new Uint8Array(),
      round?.aggregate?.frame ?? new Uint8Array(),
      notice,
    ],
  };
  return { cluster, frames, wiretap };
}

/** Of a frame that was published; undefined for everything else. */
function topicOf(bytes: Uint8Array): string | undefined {
  try {
    const type = typeOfFrame(bytes);
    return MESSAGES.get(type)?.topic;
  } catch {
    return undefined;
  }
}

/** Whatever a hostile neighbour may make of a good frame. */
function damaged(frames: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const frame = fc.constantFrom(...frames);
  return fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(frame, fc.nat()).map(([bytes, cut]) => bytes.slice(0, cut % bytes.byteLength)),
    fc.tuple(frame, fc.uint8Array({ minLength: 1, maxLength: 9 })).map(([bytes, tail]) => {
      return new Uint8Array(Buffer.concat([bytes, tail]));
    }),
    fc.tuple(frame, fc.nat()).map(([bytes, position]) => {
      const bit = position % (bytes.byteLength * 8);
      return bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
    }),
    fc.constant(encodeCanonical({ signature: new Uint8Array(3309), signed: new Uint8Array(9) })),
    fc.integer({ min: 1 << 19, max: 1 << 20 }).map((length) => new Uint8Array(length)),
  );
}

interface Target {
  readonly node: ClusterNode;
  readonly topic: GossipTopic;
  readonly counter: string;
  /** Everything that hostile bytes must not change. */
  readonly state: () => unknown;
}

async function bombard(
  t: ExecutionContext,
  { frames, wiretap }: Awaited<ReturnType<typeof afterOneRound>>,
  { counter, node, state, topic }: Target,
): Promise<void> {
  const before = JSON.stringify(state());
  await fc.assert(
    fc.asyncProperty(damaged(frames[topic]), async (bytes) => {
      const counted = node.counted(counter);
      const verdict: Verdict = await wiretap.deliver(node.transportId, topic, bytes);
      if (verdict.kind === 'accept') throw new Error('a damaged frame was accepted');
      const { reason } = verdict;
      if (node.counted(counter) !== counted + 1) throw new Error(`${reason} was not counted`);
      if (node.counted(counter, { outcome: reason }) < 1) throw new Error(`${reason} is no label`);
    }),
    { numRuns: RUNS, seed: 7 },
  );
  t.is(JSON.stringify(state()), before);
}

test('damaged frames are refused by the coordinator, counted, and change nothing', async (t) => {
  const world = await afterOneRound(t);
  const { cluster } = world;
  const counter = 'starling_coordinator_messages_total';
  const state = () => cluster.eventLog.snapshot().length;
  for (const topic of ['site', 'vote'] as const) {
    await bombard(t, world, { node: cluster.node, topic, counter, state });
  }
  const relayed = 'starling_coordinator_consensus_total';
  await bombard(t, world, { node: cluster.node, topic: 'consensus', counter: relayed, state });
});

test('damaged frames are refused by a site, counted, and change nothing', async (t) => {
  const world = await afterOneRound(t);
  const [site] = world.cluster.sites as [ClusterSite];
  const counter = 'starling_peer_messages_total';
  const state = () => {
    const { index, model, registered, round } = site.peer.status();
    return { index, model, registered, round };
  };
  for (const topic of ['control', 'site', 'vote'] as const) {
    await bombard(t, world, { node: site, topic, counter, state });
  }
});

test('damaged frames about the chain are refused by a site, and its chain stays', async (t) => {
  const world = await afterOneRound(t);
  const [site] = world.cluster.sites as [ClusterSite];
  // A site holds votes before their signatures are verified; a damaged one then never counts.
  const frames = world.frames.consensus.filter((bytes) => typeOfFrame(bytes) !== chainVote.type);
  t.true(frames.length > 0);
  const state = () => {
    const { height, stateRoot, standing } = site.peer.chain.status();
    return { evidence: site.peer.chain.evidence().length, height, stateRoot, standing };
  };
  const counter = 'starling_peer_chain_messages_total';
  const chain = { ...world, frames: { ...world.frames, consensus: frames } };
  await bombard(t, chain, { node: site, topic: 'consensus', counter, state });
});
