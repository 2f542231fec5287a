// A site of a memory cluster: joins, starts, stops, and comes back over what it wrote.

import { join } from 'node:path';
import { keepConnected, MemoryPeerStore } from '@starling/adapters';
import { verifyNow } from '@starling/crypto';
import {
  type ChainOptions,
  DEFAULT_PEER_OPTIONS,
  DEFAULT_PRIVACY_LIMIT,
  joinFederation,
  type NextKeys,
  Peer,
  type PeerOptions,
  PrivacyBudget,
  type PrivacyLimit,
  type SiteApp,
} from '@starling/peer';
import { Sequence } from '@starling/shared';
import { createSparseTrainer, type EncoderTrainer } from '@starling/training';
import { ClusterNode, type NodeWorld } from './cluster-node.ts';
import { type SampleDocument, sampleDocuments } from './sample-documents.ts';

export const DOCUMENTS_PER_SITE = 60;

export const SITE_OPTIONS: PeerOptions = Object.freeze({
  ...DEFAULT_PEER_OPTIONS,
  republishMs: 500,
  generationIntervalMs: 1,
});

export class ClusterSite extends ClusterNode {
  readonly store = new MemoryPeerStore();
  /** Replaced by tests that need more documents than a round does. */
  documents: readonly SampleDocument[] = sampleDocuments(this.name, DOCUMENTS_PER_SITE);
  /** Replaced by tests of what an operator may choose. */
  options: PeerOptions = SITE_OPTIONS;
  /** Replaced by tests that hold a site's training back. */
  createTrainer: () => EncoderTrainer = () => createSparseTrainer('built-in');
  /** Replaced by tests of patterns: what the site says it measured. */
  evaluatePattern: ChainOptions['evaluate'];
  /** What the operator installed. */
  app: SiteApp | undefined;
  /** Keys that the site asks for when it starts. */
  nextKeys: NextKeys | undefined;
  /** Replaced by tests of a site's budget. */
  privacyLimit: PrivacyLimit = DEFAULT_PRIVACY_LIMIT;
  #peer: Peer | undefined;
  #keeper: { stop(): void } | undefined;

  get peer(): Peer {
    if (this.#peer === undefined) throw new Error(`${this.name} is stopped`);
    return this.#peer;
  }

  get isRunning(): boolean {
    return this.#peer !== undefined;
  }

  /** Asks for admission over a channel of its own. */
  async join(invitation: Uint8Array): Promise<void> {
    const world = await this.open();
    try {
      const sequence = await Sequence.open(world.clock, this.store);
      await joinFederation({ ...world, store: this.store }, sequence, invitation);
    } finally {
      await this.close();
    }
  }

  async start(): Promise<void> {
    const world = await this.open();
    await this.startOver(world);
  }

  /** Starts the site over a world that is open already. */
  async startOver(world: NodeWorld): Promise<void> {
    this.#peer = await Peer.start(
      {
        ...world,
        indexFolder: join(this.folder, 'index'),
        privacy: await PrivacyBudget.open(this.store, this.privacyLimit),
        store: this.store,
        trainer: this.createTrainer(),
        verify: verifyNow,
        ...(this.evaluatePattern === undefined ? {} : { evaluatePattern: this.evaluatePattern }),
        ...(this.app === undefined ? {} : { app: this.app }),
        ...(this.nextKeys === undefined ? {} : { nextKeys: this.nextKeys }),
      },
      this.options,
    );
    this.#keeper = keepConnected(world, this.#peer.coordinatorAddresses);
    if (this.#peer.status().documents.all === 0) await this.#peer.add(this.documents);
  }

  async stop(): Promise<void> {
    this.#keeper?.stop();
    await this.#peer?.stop();
    this.#peer = undefined;
    await this.close();
  }
}
