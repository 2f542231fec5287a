// What only certificates ask of a site: blocks proposed with the vote for them, decisions with theirs.

import { type SimplexEffect, SimplexReplica } from '@starling/consensus';
import type { ReadBlock } from '@starling/rules';
import type { Digest } from '@starling/shared';
import { blockHeader, type SignedCertificate, wireCertificate } from './chain-codec.ts';
import type { RunStatus } from './chain-run.ts';
import type { EngineHands, OwnEffect, Proposal, RunTools } from './engine-hands.ts';
import type { EpochParts } from './epoch-host.ts';
import { EpochRun } from './epoch-run.ts';
import { viewTimeouts } from './view-timeouts.ts';

type Effect = SimplexEffect<Uint8Array>;

/** An epoch that certificates decide. */
export function startSimplex(parts: EpochParts): EpochRun<Effect> {
  const { ballots, decided, leaderSeed, self, terms } = parts;
  const weights = terms.membership.members.map(({ weight }) => weight);
  const timeouts = viewTimeouts(parts.world.bus);
  const root = decided.state.tip;
  const config = { leaderSeed, members: weights.length, root, self, timeouts, weights };
  const votes = ballots.map(({ vote }) => vote);
  const replica = new SimplexReplica<Uint8Array>(config, votes);
  return new EpochRun(parts, replica, (tools) => new SimplexHands(parts, replica, tools));
}

class SimplexHands implements EngineHands<Effect> {
  readonly kind = 'simplex';
  readonly eras = undefined;
  readonly mayEndEpoch = true;
  readonly #parts: EpochParts;
  readonly #replica: SimplexReplica<Uint8Array>;
  readonly #tools: RunTools;

  constructor(parts: EpochParts, replica: SimplexReplica<Uint8Array>, tools: RunTools) {
    this.#parts = parts;
    this.#replica = replica;
    this.#tools = tools;
  }

  status(): RunStatus {
    return this.#replica.status();
  }

  laterCertificate(): undefined {
    return undefined;
  }

  takeEarly(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  isWanted(read: ReadBlock): boolean {
    return !this.#parts.host.declines(read);
  }

  proposal(id: Digest): Proposal | undefined {
    const known = this.#tools.blocks.get(id);
    return known && { leader: known.header.leader, frame: known.frame };
  }

  carryOut(effect: OwnEffect<Effect>): void {
    if (effect.kind === 'propose')
      void this.#propose(effect.view, effect.parent.id, effect.isFinishing);
    else this.#decided(effect.blocks, effect.certificate);
  }

  retry(): void {
    // Votes and the best certificate are repeated by the engine.
  }

  async #propose(view: number, parent: Digest, isFinishing: boolean): Promise<void> {
    const { host, terms } = this.#parts;
    const { blocks } = this.#tools;
    const state = blocks.stateBehind(parent);
    const how = { isEmpty: false, isFinishing, mayEndEpoch: true };
    const made = await (state && host.propose(view, state, how));
    if (this.#tools.isStopped) return;
    const header = made === undefined ? undefined : blockHeader(made.read, terms);
    if (made === undefined || header?.ok !== true) {
      this.#tools.feed((nowMs) => this.#replica.declineToPropose(view, nowMs));
      return;
    }
    blocks.add(made.read, header.value, made.frame);
    this.#tools.feed((nowMs) => this.#replica.onBlock(header.value, nowMs));
  }

  #decided(ids: readonly Digest[], certificate: SignedCertificate): void {
    const { host, terms } = this.#parts;
    const { blocks, certificates, votes } = this.#tools;
    const reads = ids.flatMap((id) => blocks.get(id)?.read ?? []);
    const { view } = certificate.vote;
    if (reads.length === ids.length) {
      const shown = { certificate: wireCertificate(terms, certificate), polled: null };
      host.onDecided({ blocks: reads, ...shown, view });
    } else host.onForked();
    votes.decided(view);
    blocks.decided(view);
    certificates.decided(view);
  }
}
