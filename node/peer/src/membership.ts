// What a site knows about its federation: the genesis it was invited under and the newest roster.

import { digestOf, openGenesis, openMessage } from '@starling/crypto';
import { activePeers } from '@starling/rules';
import type {
  Digest,
  FederationId,
  Genesis,
  MemberId,
  PeerStore,
  Roster,
  RosterMember,
  TransportId,
  Verdict,
} from '@starling/shared';
import { ACCEPT, refusal, roster } from '@starling/shared';
import { PeerError } from './peer-error.ts';

const GENESIS_KEY = 'genesis';
const ROSTER_KEY = 'roster';
const COORDINATOR_KEY = 'coordinator-addresses';

/** Older rosters that stay known by their digest. */
const OLDER_ROSTERS_MAX = 8;

/**
 * Invariant: the roster is signed by the genesis' administrator, and its `seq` never falls.
 */
export class SiteMembership {
  readonly federation: FederationId;
  readonly genesis: Genesis;
  /** Where the coordinator was reachable when this site joined. */
  readonly coordinatorAddresses: readonly string[];
  readonly #store: PeerStore;
  #roster: Roster;
  #rosterDigest: Digest;
  /** Rosters before, which an open round may still name; announced again after a restart. */
  readonly #older = new Map<Digest, Roster>();

  #offers: Promise<unknown> = Promise.resolve();

  private constructor(store: PeerStore, opened: Opened, coordinatorAddresses: readonly string[]) {
    this.#store = store;
    this.federation = opened.federation;
    this.genesis = opened.genesis;
    this.#roster = opened.roster;
    this.#rosterDigest = opened.rosterDigest;
    this.coordinatorAddresses = coordinatorAddresses;
  }

  /** Remembers a successful join. @throws {PeerError} `invalid-invitation` */
  static async admit(
    store: PeerStore,
    genesisFrame: Uint8Array,
    rosterFrame: Uint8Array,
    coordinatorAddresses: readonly string[],
  ): Promise<SiteMembership> {
    const opened = open(genesisFrame, rosterFrame);
    await store.write([
      { table: 'state', key: GENESIS_KEY, value: genesisFrame },
      { table: 'state', key: ROSTER_KEY, value: rosterFrame },
      {
        table: 'state',
        key: COORDINATOR_KEY,
        value: new TextEncoder().encode(JSON.stringify(coordinatorAddresses)),
      },
    ]);
    return new SiteMembership(store, opened, coordinatorAddresses);
  }

  /** @throws {PeerError} `not-a-member` when this site never joined. */
  static async load(store: PeerStore): Promise<SiteMembership> {
    const genesisFrame = await store.get('state', GENESIS_KEY);
    const rosterFrame = await store.get('state', ROSTER_KEY);
    const addresses = await store.get('state', COORDINATOR_KEY);
    if (genesisFrame === undefined || rosterFrame === undefined || addresses === undefined) {
      throw new PeerError('not-a-member', 'this site has not joined a federation yet');
    }
    const list = JSON.parse(new TextDecoder().decode(addresses)) as string[];
    return new SiteMembership(store, open(genesisFrame, rosterFrame), list);
  }

  get roster(): Roster {
    return this.#roster;
  }

  get rosterDigest(): Digest {
    return this.#rosterDigest;
  }

  /** The newest roster or an older one that was heard, by its digest. */
  rosterNamed(digest: Digest): Roster | undefined {
    return digest === this.#rosterDigest ? this.#roster : this.#older.get(digest);
  }

  /** Members that train and vote, sorted by id. */
  get peers(): readonly RosterMember[] {
    return activePeers(this.#roster);
  }

  get coordinator(): RosterMember | undefined {
    return this.#roster.members.find(({ role }) => role === 'coordinator');
  }

  /** The key of a message's sender, if that sender may send it. */
  keyOf(sender: MemberId, role: RosterMember['role']): Uint8Array | undefined {
    return this.#roster.members.find(
      (member) => member.member === sender && member.role === role && member.status === 'active',
    )?.publicKey;
  }

  isMember(transportId: TransportId): boolean {
    return this.#roster.members.some(
      (member) => member.transportId === transportId && member.status === 'active',
    );
  }

  /**
   * Takes a newer roster, one offer after the other; an older one is only remembered, a break of the
   * hash chain is refused.
   */
  offer(rosterFrame: Uint8Array): Promise<Verdict> {
    const offered = this.#offers.then(() => this.#take(rosterFrame));
    this.#offers = offered.catch(() => undefined);
    return offered;
  }

  async #take(rosterFrame: Uint8Array): Promise<Verdict> {
    const opened = openRoster(rosterFrame, this.federation, this.genesis);
    if (!opened.ok) return opened.refusal;
    const next = opened.value;
    if (next.bodyDigest === this.#rosterDigest) return ACCEPT;
    if (next.body.seq === this.#roster.seq) {
      return refusal('equivocation', `two rosters with seq ${next.body.seq}`);
    }
    if (next.body.seq < this.#roster.seq) {
      this.#remember(next.bodyDigest, next.body);
      return ACCEPT;
    }
    if (next.body.seq === this.#roster.seq + 1 && next.body.previous !== this.#rosterDigest) {
      return refusal('equivocation', `roster ${next.body.seq} does not follow the known one`);
    }
    await this.#store.write([{ table: 'state', key: ROSTER_KEY, value: rosterFrame }]);
    this.#remember(this.#rosterDigest, this.#roster);
    this.#roster = next.body;
    this.#rosterDigest = next.bodyDigest;
    return ACCEPT;
  }

  #remember(digest: Digest, older: Roster): void {
    this.#older.delete(digest);
    this.#older.set(digest, older);
    if (this.#older.size <= OLDER_ROSTERS_MAX) return;
    const [longestUnheard] = this.#older.keys();
    if (longestUnheard !== undefined) this.#older.delete(longestUnheard);
  }
}

/** A roster frame checked against the administrator's key. */
export function openRoster(frame: Uint8Array, federation: FederationId, genesis: Genesis) {
  const { member, publicKey } = genesis.administrator;
  const opened = openMessage(frame, roster, {
    federation,
    nowMs: 0,
    keyOf: (sender) => (sender === member ? publicKey : undefined),
  });
  if (!opened.ok) return opened;
  const { body, bodyBytes } = opened.value;
  return { ok: true, value: { body, bodyDigest: digestOf(bodyBytes) } } as const;
}

interface Opened {
  readonly federation: FederationId;
  readonly genesis: Genesis;
  readonly roster: Roster;
  readonly rosterDigest: Digest;
}

function open(genesisFrame: Uint8Array, rosterFrame: Uint8Array): Opened {
  const founded = openGenesis(genesisFrame);
  if (!founded.ok) {
    throw new PeerError('invalid-invitation', `genesis: ${founded.refusal.detail}`);
  }
  const { federation, genesis } = founded.value;
  const opened = openRoster(rosterFrame, federation, genesis.body);
  if (!opened.ok) throw new PeerError('invalid-invitation', `roster: ${opened.refusal.detail}`);
  return {
    federation,
    genesis: genesis.body,
    roster: opened.value.body,
    rosterDigest: opened.value.bodyDigest,
  };
}
