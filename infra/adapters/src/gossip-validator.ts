// How a topic's handlers judge for gossipsub.

import { type TopicValidatorFn, TopicValidatorResult } from '@chainsafe/libp2p-gossipsub';
import { ADMIT_GOSSIP, type GossipTopic, type Logger, type TransportId } from '@starling/shared';
import type { Admissions } from './admission.ts';
import { GOSSIP_BYTES_MAX } from './bus-limits.ts';
import type { TopicHandlers } from './topic-handlers.ts';

export interface ValidatorDependencies {
  readonly admissions: Admissions;
  readonly topics: TopicHandlers;
  readonly logger: Logger;
}

/** The verdict of a topic's handlers; whoever is not admitted to gossip is ignored. */
export function gossipValidator(
  topic: GossipTopic,
  { admissions, topics, logger }: ValidatorDependencies,
): TopicValidatorFn {
  return async (peer, message) => {
    const from = peer.toString() as TransportId;
    if (!admissions.admits({ peer: from, use: ADMIT_GOSSIP })) return TopicValidatorResult.Ignore;
    const bytes = message.data.byteLength;
    if (bytes > GOSSIP_BYTES_MAX) return TopicValidatorResult.Reject;
    const verdict = await topics.judge(topic, message.data, from);
    if (verdict.kind !== 'accept') {
      const { kind, reason, detail } = verdict;
      const fields = { topic, from: from.slice(-8), kind, reason, detail, bytes };
      logger.debug('gossip refused', fields);
    }
    return RESULTS[verdict.kind];
  };
}

const RESULTS = Object.freeze({
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
});
