// What members gossip about the chain: checked cheapest first, judged, handed on. A vote is passed on
// before its signature is verified, everything else after.

import { attestationObjection, type ChainState } from '@starling/consensus';
import {
  digestOf,
  provedMessage,
  readUnproved,
  type SignatureClaim,
  type UnprovedMessage,
  type VerificationQueue,
} from '@starling/crypto';
import type { KeyOf, ReadBlock } from '@starling/rules';
import {
  ACCEPT,
  type ChainBlock,
  type ChainEntryBody,
  type ChainEvidence,
  type ChainOpeningBody,
  type ChainStall,
  type ChainStatus,
  type ChainVote,
  chainBlock,
  chainEntry,
  chainEvidence,
  chainOpening,
  chainStall,
  chainStatus,
  chainVote,
  type Digest,
  type FederationId,
  type MemberId,
  type Meter,
  type Opened,
  type PatternAttestation,
  type PatternProposal,
  patternAttestation,
  patternProposal,
  refusal,
  type SettingApproval,
  type SettingProposal,
  settingApproval,
  settingProposal,
  type Verdict,
} from '@starling/shared';
import { voteOf } from './chain-codec.ts';
import type { ChainPool } from './chain-pool.ts';
import type { ChainRun } from './chain-run.ts';
import { type EarlyHost, earlyObjection, epochObjection } from './early-objection.ts';

const CONSENSUS_MESSAGES = [
  chainVote,
  chainBlock,
  chainStatus,
  patternProposal,
  patternAttestation,
  settingProposal,
  settingApproval,
  chainEntry,
  chainEvidence,
  chainStall,
  chainOpening,
];

/** What the intake hands messages to. */
export interface IntakeHost extends EarlyHost {
  readonly federation: FederationId;
  readonly collection: string;
  readonly queue: VerificationQueue;
  readonly pool: ChainPool;
  readonly meter: Meter;
  nowMs(): number;
  keyOf: KeyOf;
  /** Undefined before the chain has opened here. */
  run(): ChainRun | undefined;
  state(): ChainState | undefined;
  onVote(member: MemberId, body: ChainVote, claim: SignatureClaim): void;
  onStatus(member: MemberId, status: ChainStatus): void;
  onProposal(id: Digest, proposal: PatternProposal): void;
  onSetting(id: Digest, proposal: SettingProposal): void;
  onContradiction(first: Uint8Array, second: Uint8Array): Promise<Verdict>;
  takeEntry(body: ChainEntryBody): Promise<Verdict>;
  isFresh(sender: MemberId, seq: number): Promise<'fresh' | 'duplicate' | 'replay' | 'busy'>;
}

const NO_ERAS = refusal('unknown-plan', 'the engine of this chain has no eras');

type Unproved = UnprovedMessage<unknown>;

interface Heard {
  readonly bytes: Uint8Array;
  readonly claim: SignatureClaim;
  readonly run: ChainRun;
}

export class ChainIntake {
  readonly #host: IntakeHost;

  constructor(host: IntakeHost) {
    this.#host = host;
  }

  /** Handler of the topic `consensus`. */
  async onConsensusMessage(bytes: Uint8Array): Promise<Verdict> {
    const unproved = readUnproved(bytes, CONSENSUS_MESSAGES, {
      federation: this.#host.federation,
      nowMs: this.#host.nowMs(),
      keyOf: this.#host.keyOf,
    });
    const type = unproved.ok ? unproved.value.claimed.type : 'unknown';
    const verdict = unproved.ok ? await this.#judge(unproved.value, bytes) : unproved.refusal;
    const outcome = verdict.kind === 'accept' ? 'accepted' : verdict.reason;
    this.#host.meter.count('starling_peer_chain_messages_total', 1, { outcome, type });
    return verdict;
  }

  async #judge(unproved: Unproved, bytes: Uint8Array): Promise<Verdict> {
    const { claimed } = unproved;
    const run = this.#host.run();
    const state = this.#host.state();
    if (run === undefined || state === undefined) {
      return refusal('unknown-plan', 'the chain has not opened here');
    }
    const other = collectionOf(claimed);
    if (other !== this.#host.collection) {
      return refusal('unknown-plan', `no chain of "${other}" is open`);
    }
    if (claimed.type === chainVote.type) return this.#vote(unproved, run);
    const early = earlyObjection(claimed, state, this.#host);
    if (early !== undefined) return early;
    const answer = await this.#host.queue.check(unproved.claim);
    if (answer === 'busy') return refusal('busy', 'too many signatures wait to be verified');
    const proved = provedMessage(unproved, answer === 'holds');
    return proved.ok
      ? this.#take(proved.value, { claim: unproved.claim, bytes, run })
      : proved.refusal;
  }

  async #take(message: Opened<unknown>, { bytes, claim, run }: Heard): Promise<Verdict> {
    const { pool } = this.#host;
    const { sender, signature } = message;
    switch (message.type) {
      case chainBlock.type:
        return this.#block(message as Opened<ChainBlock>, bytes, run);
      case chainStall.type:
        return this.#stall(message as Opened<ChainStall>, claim, run);
      case chainOpening.type:
        return this.#opening(message as Opened<ChainOpeningBody>, bytes, run);
      case chainStatus.type:
        return this.#status(message as Opened<ChainStatus>);
      case patternProposal.type:
        return this.#proposal(message as Opened<PatternProposal>);
      case patternAttestation.type:
        return this.#attestation(message as Opened<PatternAttestation>, bytes);
      case settingProposal.type:
        return this.#setting(message as Opened<SettingProposal>);
      case settingApproval.type: {
        const { proposal } = (message as Opened<SettingApproval>).body;
        return pool.addApproval(sender, proposal, signature);
      }
      case chainEvidence.type: {
        const { first, second } = (message as Opened<ChainEvidence>).body;
        return this.#host.onContradiction(first, second);
      }
      default:
        return this.#host.takeEntry((message as Opened<ChainEntryBody>).body);
    }
  }

  async #vote({ claim, claimed }: Unproved, run: ChainRun): Promise<Verdict> {
    const body = claimed.body as ChainVote;
    const { membership } = run.terms;
    const state = this.#host.state();
    const early =
      state === undefined
        ? undefined
        : epochObjection(claimed.sender, body.epoch, state, this.#host);
    if (early !== undefined) return early;
    const voter = membership.places.get(claimed.sender);
    if (voter === undefined) return refusal('unknown-sender', `${claimed.sender} has no vote`);
    const verdict = await run.takeVote({ voter, vote: voteOf(body), claim });
    if (verdict.kind === 'accept') this.#host.onVote(claimed.sender, body, claim);
    return verdict;
  }

  #block({ body, bodyBytes, sender }: Opened<ChainBlock>, frame: Uint8Array, run: ChainRun) {
    if (body.leader !== sender) {
      return refusal('not-permitted', `${sender} signed a block of ${body.leader}`);
    }
    const read: ReadBlock = { body: bodyBytes, block: body, id: digestOf(bodyBytes) };
    return run.takeBlock(read, frame);
  }

  #stall({ body, sender }: Opened<ChainStall>, claim: SignatureClaim, run: ChainRun): Verdict {
    const voter = run.terms.membership.places.get(sender) ?? -1;
    return run.eras?.takeStall({ body, claim, voter }) ?? NO_ERAS;
  }

  async #opening(
    { body, bodyBytes, sender }: Opened<ChainOpeningBody>,
    frame: Uint8Array,
    run: ChainRun,
  ): Promise<Verdict> {
    if (body.leader !== sender) {
      return refusal('not-permitted', `${sender} signed an opening of ${body.leader}`);
    }
    return run.eras?.takeOpening({ body: bodyBytes, frame }) ?? NO_ERAS;
  }

  async #status({ body, sender, seq }: Opened<ChainStatus>): Promise<Verdict> {
    const seen = await this.#host.isFresh(sender, seq ?? 0);
    if (seen !== 'fresh') return refusal(seen, 'this status was seen before');
    this.#host.onStatus(sender, body);
    return ACCEPT;
  }

  #proposal({ body, bodyBytes, sender, signature }: Opened<PatternProposal>): Verdict {
    if (body.author !== sender) {
      return refusal('not-permitted', `${sender} signed a proposal of ${body.author}`);
    }
    const id = digestOf(bodyBytes);
    if (this.#host.state()?.patterns.has(id)) return refusal('duplicate', 'it is in the chain');
    const verdict = this.#host.pool.addProposal(id, body, signature);
    if (verdict.kind === 'accept') this.#host.onProposal(id, body);
    return verdict;
  }

  async #attestation(
    { body, sender, signature }: Opened<PatternAttestation>,
    frame: Uint8Array,
  ): Promise<Verdict> {
    const { pool } = this.#host;
    const state = this.#host.state();
    const pooled = pool.proposals.get(body.proposal);
    if (pooled !== undefined && state !== undefined) {
      const objection = attestationObjection(body, pooled.proposal.pattern, state.rules);
      if (objection !== undefined) return objection;
    }
    const before = pool.attestationOf(sender, body.proposal);
    const verdict = pool.addAttestation(sender, body, signature);
    if (verdict.kind !== 'accept' && verdict.reason === 'equivocation' && before !== undefined) {
      await this.#host.onContradiction(
        pool.attestationFrame(body, before, this.#host.federation),
        frame,
      );
    }
    return blameless(verdict);
  }

  #setting({ body, bodyBytes, sender, signature }: Opened<SettingProposal>): Verdict {
    if (body.author !== sender) {
      return refusal('not-permitted', `${sender} signed a setting of ${body.author}`);
    }
    const id = digestOf(bodyBytes);
    const verdict = this.#host.pool.addSetting(id, body, signature);
    if (verdict.kind === 'accept') this.#host.onSetting(id, body);
    return verdict;
  }
}

/** A contradiction is its author's fault, not that of whoever passed it on. */
function blameless(verdict: Verdict): Verdict {
  const isPassedOn = verdict.kind === 'reject' && verdict.reason === 'equivocation';
  return isPassedOn ? { ...verdict, kind: 'ignore' } : verdict;
}

function collectionOf({ body }: Opened<unknown>): string | undefined {
  const said = body as { collection?: string; pattern?: { collection: string } };
  return said.collection ?? said.pattern?.collection;
}
