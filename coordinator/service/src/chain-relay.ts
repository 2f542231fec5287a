// The coordinator's part in the chain: it passes on what members say, verified, and shows how the
// chain began. It has no vote, and nothing is decided by what it passes on.

import {
  type DurableReplayWindow,
  readUnproved,
  VerificationQueue,
  verifyLater,
} from '@starling/crypto';
import { activePeers, DOCUMENTS } from '@starling/rules';
import {
  ACCEPT,
  CHAIN_REQUEST_BYTES_MAX,
  type ChainAnswer,
  chainBlock,
  chainEntry,
  chainEvidence,
  chainOpening,
  chainRequestSchema,
  chainStall,
  chainStatus,
  chainVote,
  decodeCanonical,
  encodeCanonical,
  type Opened,
  patternAttestation,
  patternProposal,
  refusal,
  settingApproval,
  settingProposal,
  type Verdict,
} from '@starling/shared';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';

const CONSENSUS_MESSAGES = [
  chainBlock,
  chainEntry,
  chainEvidence,
  chainOpening,
  chainStall,
  chainStatus,
  chainVote,
  patternAttestation,
  patternProposal,
  settingApproval,
  settingProposal,
];

export class ChainRelay {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #replays: DurableReplayWindow;
  readonly #queue: VerificationQueue;
  readonly #onHeard: (message: Opened<unknown>) => void;

  /** @param onHeard told of each message whose signature was verified and that was not heard before */
  constructor(
    world: CoordinatorDependencies,
    log: FederationLog,
    replays: DurableReplayWindow,
    onHeard: (message: Opened<unknown>) => void,
  ) {
    this.#onHeard = onHeard;
    this.#world = world;
    this.#log = log;
    this.#replays = replays;
    const counter = 'starling_coordinator_verifications_total';
    this.#queue = new VerificationQueue(world.verify ?? verifyLater, world.meter, counter);
  }

  /** Handler of the topic `consensus`. */
  async onConsensusMessage(bytes: Uint8Array): Promise<Verdict> {
    const verdict = await this.#judge(bytes);
    const outcome = verdict.kind === 'accept' ? 'accepted' : verdict.reason;
    this.#world.meter.count('starling_coordinator_consensus_total', 1, { outcome });
    return verdict;
  }

  /** Answers `genesis` to a member; for everything else members ask each other. */
  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    const decoded = decodeCanonical(bytes, CHAIN_REQUEST_BYTES_MAX);
    const request = decoded.ok ? chainRequestSchema.safeParse(decoded.value).data : undefined;
    const { chain } = this.#log.state;
    const isAsked = request?.kind === 'genesis' && request.collection === chain?.body.collection;
    const answer: ChainAnswer =
      isAsked && chain !== undefined
        ? { outcome: 'genesis', frame: chain.frame }
        : { outcome: 'unknown' };
    return encodeCanonical(answer);
  }

  stop(): void {
    this.#queue.stop();
  }

  async #judge(bytes: Uint8Array): Promise<Verdict> {
    const { federation, roster } = this.#log.state;
    const unproved = readUnproved(bytes, CONSENSUS_MESSAGES, {
      federation,
      nowMs: this.#world.clock.nowMs(),
      keyOf: (sender) => activePeers(roster).find(({ member }) => member === sender)?.publicKey,
    });
    if (!unproved.ok) return unproved.refusal;
    const { claim, claimed } = unproved.value;
    const other = collectionOf(claimed);
    if (other !== DOCUMENTS) return refusal('unknown-plan', `no chain of "${other}" is open`);
    const answer = await this.#queue.check(claim);
    if (answer === 'busy') return refusal('busy', 'too many signatures wait to be verified');
    if (answer === 'false') {
      // Members pass votes on before they verify them: only who signed another message is to blame.
      const found = refusal('bad-signature', `${claimed.type} of ${claimed.sender}`);
      return claimed.type === chainVote.type ? { ...found, kind: 'ignore' } : found;
    }
    if (claimed.seq !== undefined) {
      const seen = await this.#replays.check(claimed.sender, claimed.seq);
      if (seen !== 'fresh') return refusal(seen, 'this message was seen before');
    }
    this.#onHeard(claimed);
    return ACCEPT;
  }
}

function collectionOf({ body }: Opened<unknown>): string | undefined {
  const said = body as { collection?: string; pattern?: { collection: string } };
  return said.collection ?? said.pattern?.collection;
}
