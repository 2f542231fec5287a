// What this site itself brings to the chain: the model versions that it adopted and the newer roster
// that it knows, until they are decided.

import type { ChainState } from '@starling/consensus';
import { statementClaim, type VerificationQueue } from '@starling/crypto';
import { activePeers, openRoster, readFrame } from '@starling/rules';
import {
  type ModelCertificate,
  modelVote,
  type PeerStore,
  roundPlan,
  versionResponse,
} from '@starling/shared';
import type { SiteMembership } from '../membership.ts';
import type { ChainPool } from './chain-pool.ts';
import type { PooledModel } from './pool-entries.ts';

/** The one model of a federation. */
export const ENCODER = 'encoder';
/** Newest adopted versions that are looked at: older ones were certified under members long gone. */
const VERSIONS_MAX = 16;

export class OwnEntries {
  readonly #store: PeerStore;
  readonly #membership: SiteMembership;
  readonly #queue: VerificationQueue;
  readonly #pool: ChainPool;
  #version = 0;
  /** Number of the roster that is in the pool. */
  #offered = 0;

  constructor(
    store: PeerStore,
    membership: SiteMembership,
    queue: VerificationQueue,
    pool: ChainPool,
  ) {
    this.#store = store;
    this.#membership = membership;
    this.#queue = queue;
    this.#pool = pool;
  }

  /** Puts into the pool what the chain does not know; `version` is the model that this site holds. */
  async offer(state: ChainState, version: number): Promise<void> {
    await this.#offerMembers(state);
    if (version === this.#version) return;
    const known = new Set([...state.models.values()].map(({ record }) => record.version));
    for (let at = Math.max(1, version - VERSIONS_MAX + 1); at <= version; at++) {
      if (known.has(at) || at - 1 < state.modelFloor) continue;
      const model = await this.#model(at);
      if (model !== undefined) this.#pool.addModel(model);
    }
    this.#version = version;
  }

  /** The roster in force where its active peers are not the members that decide. */
  async #offerMembers({ membership }: ChainState): Promise<void> {
    const { peers, roster } = this.#membership;
    const isNewer = roster.seq > membership.rosterSeq && peers.length > 0;
    const isSame = namesOf(peers) === namesOf(membership.members);
    if (!isNewer || isSame) return this.#pool.setMembership(undefined);
    if (this.#offered === roster.seq && this.#pool.membership !== undefined) return;
    const signed = await this.#membership.signedRoster();
    if (signed === undefined) return;
    this.#offered = roster.seq;
    this.#pool.setMembership({ kind: 'membership', roster: signed });
  }

  async #model(version: number): Promise<PooledModel | undefined> {
    const stored = await this.#store.get('version', String(version).padStart(10, '0'));
    if (stored === undefined) return undefined;
    const { body } = readFrame(stored, versionResponse);
    if (body.outcome !== 'final') return undefined;
    const { certificate } = body;
    this.#trust(certificate, body.roster);
    const { voters } = readFrame(body.plan, roundPlan).body;
    const entry = { baseVersion: version - 1, certificate, kind: 'model', model: ENCODER, version };
    return { entry: entry as PooledModel['entry'], voters };
  }

  /** Its signatures were verified when the version was adopted. */
  #trust({ body: bodyBytes, signatures }: ModelCertificate, roster: Uint8Array): void {
    const { federation } = this.#membership;
    const opened = openRoster(roster, this.#membership);
    const peers = opened.ok ? activePeers(opened.value.body) : [];
    const keys = new Map(peers.map(({ member, publicKey }) => [member, publicKey]));
    for (const { member, signature } of signatures) {
      const publicKey = keys.get(member);
      if (publicKey === undefined) continue;
      const parts = { federation, sender: member, publicKey, bodyBytes, signature };
      this.#queue.trust(statementClaim(modelVote, parts));
    }
  }
}

function namesOf(members: readonly { readonly member: string }[]): string {
  return members.map(({ member }) => member).join();
}
