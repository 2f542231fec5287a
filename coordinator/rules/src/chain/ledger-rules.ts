// What the ledger asks of its caller: which signatures were verified, and what a roster says.

import type { BlockRules, OpenedRoster, SignedClaim } from '@starling/consensus';
import {
  digestOf,
  type SignatureClaim,
  statementClaim,
  type VerificationQueue,
} from '@starling/crypto';
import {
  type Checked,
  chainVote,
  checked,
  type Digest,
  type MemberId,
  type MessageDefinition,
  modelVote,
  patternAttestation,
  patternProposal,
  settingApproval,
  settingProposal,
} from '@starling/shared';
import { activePeers } from '../federation-state.ts';
import { openRoster, type RosterTrust } from '../roster/open-roster.ts';

/** Rosters that stay opened: their signatures are verified once. */
const ROSTERS_OPENED_MAX = 16;

const DEFINITIONS: Readonly<Record<SignedClaim['type'], MessageDefinition<unknown>>> =
  Object.freeze({
    'chain-vote': chainVote as MessageDefinition<unknown>,
    'model-vote': modelVote as MessageDefinition<unknown>,
    'pattern-attestation': patternAttestation as MessageDefinition<unknown>,
    'pattern-proposal': patternProposal as MessageDefinition<unknown>,
    'setting-approval': settingApproval as MessageDefinition<unknown>,
    'setting-proposal': settingProposal as MessageDefinition<unknown>,
  });

export type KeyOf = (member: MemberId) => Uint8Array | undefined;

export class LedgerRules {
  readonly #trust: RosterTrust;
  readonly #queue: VerificationQueue;
  readonly #opened = new Map<Digest, Checked<OpenedRoster>>();

  constructor(trust: RosterTrust, queue: VerificationQueue) {
    this.#trust = trust;
    this.#queue = queue;
  }

  /** Rules for a block whose signatures were verified one by one, under these keys. */
  verified(keyOf: KeyOf): BlockRules {
    return {
      ...this.certified,
      isSigned: (claim) => {
        const signature = this.claim(claim, keyOf);
        return signature !== undefined && this.#queue.isKnown(signature);
      },
    };
  }

  /** Rules for a block that a quorum certified: more than F honest members verified it. */
  readonly certified: BlockRules = {
    digestOf,
    isSigned: () => true,
    openRoster: (bytes) => this.#openRoster(bytes),
  };

  /** What has to be verified for the ledger's claim; undefined when nobody knows the key. */
  claim({ body, member, signature, type }: SignedClaim, keyOf: KeyOf): SignatureClaim | undefined {
    const publicKey = keyOf(member);
    if (publicKey === undefined) return undefined;
    const { federation } = this.#trust;
    const parts = { federation, sender: member, publicKey, bodyBytes: body, signature };
    return statementClaim(DEFINITIONS[type], parts);
  }

  #openRoster(bytes: Uint8Array): Checked<OpenedRoster> {
    const name = digestOf(bytes);
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const opened = ledgerRoster(bytes, this.#trust);
    this.#opened.set(name, opened);
    const [oldest] = this.#opened.keys();
    if (this.#opened.size > ROSTERS_OPENED_MAX && oldest !== undefined) this.#opened.delete(oldest);
    return opened;
  }
}

/** A signed roster as the ledger sees it; its end is not looked at. */
export function ledgerRoster(bytes: Uint8Array, trust: RosterTrust): Checked<OpenedRoster> {
  const opened = openRoster(bytes, trust);
  if (!opened.ok) return opened;
  const { body, bodyDigest } = opened.value;
  const peers = activePeers(body).map(({ formerly, member, publicKey }) => {
    return { formerly, member, publicKey };
  });
  return checked({ digest: bodyDigest, peers, seq: body.seq });
}
