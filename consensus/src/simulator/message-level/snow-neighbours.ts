// What members of a simulated snow chain ask of each other, and how one that is behind is helped.

import { comparePeriods } from '../../frosty/era.ts';
import type { FrostyReplica } from '../../frosty/frosty-replica.ts';
import type { EraStatus, Message, NoProof } from './message.ts';
import type { Mail } from './simplex-node.ts';
import type { SnowStore } from './snow-store.ts';

/** Peers that are asked for something missing, its holder among them. */
const ASKED_PEERS = 2;

export class SnowNeighbours {
  readonly #index: number;
  readonly #members: number;
  readonly #mail: Mail;
  readonly #store: SnowStore;

  constructor(
    index: number,
    members: number,
    { mail, store }: { readonly mail: Mail; readonly store: SnowStore },
  ) {
    this.#index = index;
    this.#members = members;
    this.#mail = mail;
    this.#store = store;
  }

  serve({ kind, body, from: to }: Message): void {
    const from = this.#index;
    if (kind === 'fetch-block') {
      const block = this.#store.chain.blockOf(body);
      if (block !== undefined) this.#mail.send({ kind: 'block', from, body: block }, to);
    } else if (kind === 'fetch-opening') {
      const opening = this.#store.openings.get(body);
      if (opening !== undefined) this.#mail.send({ kind: 'opening', from, body: opening }, to);
    } else if (kind === 'fetch-era') this.#sendEra(to);
    else if (kind === 'fetch-certificate') {
      for (const certificate of this.#store.chain.answer(body)) {
        this.#mail.send({ kind: 'certificate', from, body: certificate }, to);
      }
    }
  }

  onStatus(
    { period, height, decided, best, finalized }: EraStatus,
    from: number,
    replica: FrostyReplica<NoProof>,
  ): void {
    const own = replica.status();
    const ahead = comparePeriods(period, own.period);
    if (ahead < 0) this.#sendEra(from);
    if (ahead > 0) {
      this.#mail.send({ kind: 'fetch-era', from: this.#index, body: period.era }, from);
    }
    if (height > own.decided.height && this.#store.chain.blockOf(decided) === undefined) {
      this.#mail.send({ kind: 'fetch-block', from: this.#index, body: decided }, from);
    }
    if (ahead !== 0) return;
    for (const vote of [finalized, best]) {
      if (vote === undefined || !replica.lacks(vote)) continue;
      const want = vote.kind === 'nullify' ? 'nullification' : 'notarization';
      const body = { view: vote.view, want } as const;
      this.#mail.send({ kind: 'fetch-certificate', from: this.#index, body }, from);
    }
    const last = own.finalization;
    if (last !== undefined && height < own.decided.height) {
      this.#mail.send({ kind: 'certificate', from: this.#index, body: last }, from);
    }
  }

  /** How the newest odd era opened, and its last certificate if it has one. */
  #sendEra(to: number): void {
    const from = this.#index;
    const { opened, chain } = this.#store;
    if (opened === undefined) return;
    this.#mail.send({ kind: 'opened', from, body: opened.opening }, to);
    const { finalization } = chain;
    if (finalization !== undefined) {
      this.#mail.send({ kind: 'certificate', from, body: finalization }, to);
    }
  }

  ask(message: Message, holder: number | undefined): void {
    for (let i = 0; i < ASKED_PEERS; i++) {
      const to = (i === 0 ? holder : undefined) ?? this.#mail.below(this.#members);
      if (to !== this.#index) this.#mail.send(message, to);
    }
  }
}

export function statusOf(replica: FrostyReplica<NoProof>): EraStatus {
  const { period, decided, best, finalization } = replica.status();
  const { height, id } = decided;
  return { period, height, decided: id, best: best?.vote, finalized: finalization?.vote };
}
