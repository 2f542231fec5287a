// What the parts of the chain's driver share.

import { type DurableReplayWindow, VerificationQueue, verifyLater } from '@starling/crypto';
import { DOCUMENTS, LedgerRules } from '@starling/rules';
import type { MemberId, Sequence, TransportId } from '@starling/shared';
import type { SiteMembership } from '../membership.ts';
import type { ChainBeginning } from './chain-beginning.ts';
import type { ChainJournal } from './chain-journal.ts';
import { ChainMail } from './chain-mail.ts';
import { ChainPool } from './chain-pool.ts';
import type { ChainWorld } from './chain-world.ts';
import { HighestVotes } from './highest-votes.ts';
import { OwnStatements } from './own-statements.ts';
import { SeenStarts } from './seen-starts.ts';

export interface ChainParts {
  readonly chain: ChainBeginning;
  readonly membership: SiteMembership;
  readonly replays: DurableReplayWindow;
  readonly sequence: Sequence;
}

export class ChainCore {
  readonly collection = DOCUMENTS;
  readonly world: ChainWorld;
  readonly parts: ChainParts;
  readonly stopping = new AbortController();
  readonly queue: VerificationQueue;
  readonly mail: ChainMail;
  readonly rules: LedgerRules;
  readonly pool = new ChainPool();
  readonly highest: HighestVotes;
  readonly starts = new SeenStarts();
  readonly own: OwnStatements;

  constructor(world: ChainWorld, parts: ChainParts) {
    const { federation } = parts.membership;
    this.world = world;
    this.parts = parts;
    const counter = 'starling_peer_chain_verifications_total';
    this.queue = new VerificationQueue(world.verify ?? verifyLater, world.meter, counter);
    this.mail = new ChainMail(world, this.stopping.signal);
    this.rules = new LedgerRules(parts.membership, this.queue);
    this.highest = new HighestVotes(this.queue);
    this.own = new OwnStatements(world, federation, this.journal);
  }

  get journal(): ChainJournal {
    return this.parts.chain.journal;
  }

  get federation() {
    return this.parts.membership.federation;
  }

  /** Where an active member of the roster in force is reached. */
  transportOf(member: MemberId): TransportId | undefined {
    return this.parts.membership.peers.find((peer) => peer.member === member)?.transportId;
  }

  /** Other members with a connection, in an order that changes with `salt`. */
  reachable(salt: number): TransportId[] {
    const { bus } = this.world;
    const connected = new Set(bus.connected());
    const all = this.parts.membership.peers
      .map(({ transportId }) => transportId)
      .filter((transportId) => transportId !== bus.self && connected.has(transportId));
    const start = all.length === 0 ? 0 : salt % all.length;
    return [...all.slice(start), ...all.slice(0, start)];
  }
}
