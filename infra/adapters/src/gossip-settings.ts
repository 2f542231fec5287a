// gossipsub 1.1 (scoring, section "Peer Scoring" of the libp2p specification) for 2 to 10 peers
// that are often silent: nobody is blamed for quietness or a shared address, everybody for bad messages.

import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub';
import { StrictSign } from '@chainsafe/libp2p-gossipsub';
import { ADMIT_GOSSIP, GOSSIP_TOPICS, type GossipTopic, type TransportId } from '@starling/shared';
import type { Admissions } from './admission.ts';

/** Bytes of one gossipsub RPC; larger ones vanish at the sender. */
const GOSSIP_RPC_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes that wait for one slow neighbour before its gossip stream is given up. */
const GOSSIP_OUTBOUND_BYTES_MAX = 32 * 1024 * 1024;
const GOSSIP_HEARTBEAT_MS = 500;
const IDONTWANT_BYTES_MIN = 32 * 1024;
/** How long a message id is remembered; later copies of a publication are no longer known. */
const GOSSIP_SEEN_MS = 120_000;
/**
 * Score of whoever may not gossip: far below the threshold under which nothing is heard. Whoever may
 * later keeps its score, for gossipsub remembers one for a while: the gate holds it back instead.
 */
const NOT_ADMITTED_SCORE = -1000;

/** `starling/<prefix>/<topic>`, the name on the wire. */
export function topicName(prefix: string, topic: GossipTopic): string {
  return `starling/${prefix}/${topic}`;
}

/** Options of gossipsub for one federation; `penaltyOf` is subtracted from a peer's score. */
export function gossipSettings(
  prefix: string,
  admissions: Admissions,
  penaltyOf: (peer: TransportId) => number,
): Partial<GossipsubOpts> {
  const topics = GOSSIP_TOPICS.map((topic) => topicName(prefix, topic));
  return {
    globalSignaturePolicy: StrictSign,
    allowedTopics: topics,
    allowPublishToZeroTopicPeers: true,
    fallbackToFloodsub: false,
    emitSelf: false,
    doPX: false,
    // Our own messages go to every neighbour at once, also before a mesh has formed.
    floodPublish: true,
    // Those it reaches pass it on; the mesh is for who is not a neighbour of the author, and for loss.
    D: 4,
    Dlo: 3,
    Dhi: 6,
    Dscore: 2,
    Dout: 1,
    // To say that a vote need not come costs as much as the vote.
    idontwantMinDataSize: IDONTWANT_BYTES_MIN,
    Dlazy: 6,
    heartbeatInterval: GOSSIP_HEARTBEAT_MS,
    mcacheLength: 10,
    mcacheGossip: 6,
    seenTTL: GOSSIP_SEEN_MS,
    maxInboundDataLength: GOSSIP_RPC_BYTES_MAX,
    maxOutboundBufferSize: GOSSIP_OUTBOUND_BYTES_MAX,
    scoreThresholds: { gossipThreshold: -10, publishThreshold: -50, graylistThreshold: -80 },
    scoreParams: {
      topics: Object.fromEntries(topics.map((topic) => [topic, TOPIC_SCORE])),
      topicScoreCap: 20,
      IPColocationFactorWeight: 0,
      behaviourPenaltyThreshold: 6,
      behaviourPenaltyDecay: 0.9,
      retainScore: 10 * 60_000,
      appSpecificWeight: 1,
      appSpecificScore: (peer) =>
        admissions.ask({ peer: peer as TransportId, use: ADMIT_GOSSIP }) === false
          ? NOT_ADMITTED_SCORE
          : -penaltyOf(peer as TransportId),
    },
  };
}

/** One rejected message costs 2, three 18 (no more gossip), seven 98 (no more hearing). */
const TOPIC_SCORE = Object.freeze({
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1000,
  timeInMeshCap: 300,
  firstMessageDeliveriesWeight: 0.05,
  firstMessageDeliveriesDecay: 0.95,
  firstMessageDeliveriesCap: 40,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 100,
  meshMessageDeliveriesThreshold: 20,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -2,
  invalidMessageDeliveriesDecay: 0.97,
});
