// What a site knows about its federation: the genesis it was invited under and the rosters.

import { openGenesis } from '@starling/crypto';
import {
  activePeers,
  type OpenedRoster,
  openRoster,
  type RosterTrust,
  successorObjection,
} from '@starling/rules';
import type {
  Cancel,
  Digest,
  FederationId,
  Genesis,
  MemberId,
  PeerStore,
  Refusal,
  Roster,
  RosterMember,
  TransportId,
  Verdict,
} from '@starling/shared';
import { ACCEPT, refusal } from '@starling/shared';
import { PeerError } from './peer-error.ts';
import type { PeerStatus } from './peer-status.ts';

const GENESIS_KEY = 'genesis';
const COORDINATOR_KEY = 'coordinator-addresses';
/** Number of the newest roster; each roster lies in the slot of its number. */
const ROSTER_KEY = 'roster';
const PLAN_KEY = 'accepted-plan';

/** Rosters that stay known, the newest among them: an open round may name an older one. */
const ROSTERS_KEPT = 8;

/**
 * Invariant: each roster is signed by enough of the genesis' administrators and follows the one
 * before it; the newest one's `seq` never falls.
 */
export class SiteMembership implements RosterTrust {
  readonly federation: FederationId;
  readonly genesis: Genesis;
  /** Where the coordinator was reachable when this site joined. */
  readonly coordinatorAddresses: readonly string[];
  readonly #store: PeerStore;
  /** By digest, the oldest first, the one in force last. */
  readonly #rosters = new Map<Digest, OpenedRoster>();
  readonly #listeners = new Set<() => void>();
  #newest: OpenedRoster;
  /** Highest number that was heard of; a signed roster told so. */
  #heardSeq: number;
  #acceptedPlan: Digest | undefined;
  #offers: Promise<unknown> = Promise.resolve();

  private constructor(
    store: PeerStore,
    trust: RosterTrust,
    newest: OpenedRoster,
    coordinatorAddresses: readonly string[],
  ) {
    this.#store = store;
    this.federation = trust.federation;
    this.genesis = trust.genesis;
    this.#newest = newest;
    this.#heardSeq = newest.body.seq;
    this.coordinatorAddresses = coordinatorAddresses;
  }

  /** Remembers a successful join. @throws {PeerError} `invalid-invitation` */
  static async admit(
    store: PeerStore,
    genesisFrame: Uint8Array,
    rosterBytes: Uint8Array,
    coordinatorAddresses: readonly string[],
  ): Promise<SiteMembership> {
    const trust = trustOf(genesisFrame);
    const newest = opened(rosterBytes, trust);
    const addresses = new TextEncoder().encode(JSON.stringify(coordinatorAddresses));
    await store.write([
      { table: 'state', key: GENESIS_KEY, value: genesisFrame },
      { table: 'state', key: COORDINATOR_KEY, value: addresses },
      ...rosterWrites(newest.body.seq, rosterBytes),
    ]);
    const membership = new SiteMembership(store, trust, newest, coordinatorAddresses);
    membership.#keep(newest);
    return membership;
  }

  /** @throws {PeerError} `not-a-member` when this site never joined. */
  static async load(store: PeerStore): Promise<SiteMembership> {
    const genesisFrame = await store.get('state', GENESIS_KEY);
    const newestSeq = await store.get('state', ROSTER_KEY);
    const addresses = await store.get('state', COORDINATOR_KEY);
    if (genesisFrame === undefined || newestSeq === undefined || addresses === undefined) {
      throw new PeerError('not-a-member', 'this site has not joined a federation yet');
    }
    const trust = trustOf(genesisFrame);
    const seq = Number(new TextDecoder().decode(newestSeq));
    const rosters: OpenedRoster[] = [];
    for (let at = Math.max(1, seq - ROSTERS_KEPT + 1); at <= seq; at++) {
      const bytes = await store.get('state', slotOf(at));
      const roster = bytes === undefined ? undefined : opened(bytes, trust);
      // A slot that its number has not reached yet holds an earlier one, or none.
      if (roster?.body.seq === at) rosters.push(roster);
    }
    const newest = rosters.at(-1);
    if (newest?.body.seq !== seq) {
      throw new PeerError('not-a-member', `roster ${seq} of this site is missing`);
    }
    const list = JSON.parse(new TextDecoder().decode(addresses)) as string[];
    const membership = new SiteMembership(store, trust, newest, list);
    for (const roster of rosters) membership.#keep(roster);
    const plan = await store.get('state', PLAN_KEY);
    if (plan !== undefined) membership.#acceptedPlan = new TextDecoder().decode(plan) as Digest;
    return membership;
  }

  /** The roster in force. */
  get roster(): Roster {
    return this.#newest.body;
  }

  get rosterDigest(): Digest {
    return this.#newest.bodyDigest;
  }

  /** The roster in force, with who signed it. */
  get opened(): OpenedRoster {
    return this.#newest;
  }

  /** The roster in force as it travels, with its signatures. */
  signedRoster(): Promise<Uint8Array | undefined> {
    return this.#store.get('state', slotOf(this.roster.seq));
  }

  /** The roster in force or an earlier one that is still known, by its digest. */
  rosterNamed(digest: Digest): Roster | undefined {
    return this.#rosters.get(digest)?.body;
  }

  /** Members that train and vote, sorted by id. */
  get peers(): readonly RosterMember[] {
    return activePeers(this.roster);
  }

  get coordinator(): RosterMember | undefined {
    return this.roster.members.find(({ role }) => role === 'coordinator');
  }

  /** A newer roster was heard of that does not follow the one in force: some are missing. */
  get isBehind(): boolean {
    return this.#heardSeq > this.roster.seq;
  }

  /** The key of a message's sender, if that sender may send it. */
  keyOf(sender: MemberId, role: RosterMember['role']): Uint8Array | undefined {
    return keyIn(this.roster, sender, role);
  }

  /** The active member whose channel this is. */
  memberAt(transportId: TransportId): RosterMember | undefined {
    return this.roster.members.find(
      (member) => member.transportId === transportId && member.status === 'active',
    );
  }

  /** What the roster in force says about a key. */
  standingOf(member: MemberId): PeerStatus['standing'] {
    const { members, revoked } = this.roster;
    const entry = members.find((it) => it.member === member);
    if (entry !== undefined) return entry.status;
    if (revoked.some((it) => it.member === member)) return 'revoked';
    return members.some(({ formerly }) => formerly === member) ? 'rotated' : 'unknown';
  }

  isExpired(nowMs: number): boolean {
    return this.roster.notAfterMs <= nowMs;
  }

  /** Why no round of this plan is started here now; one that was accepted before goes on. */
  objectionToPlan(plan: Digest, rosterDigest: Digest, nowMs: number): Refusal | undefined {
    const named = this.rosterNamed(rosterDigest);
    if (named === undefined) return refusal('unknown-plan', 'the plan names an unknown roster');
    if (plan === this.#acceptedPlan) return undefined;
    if (this.isExpired(nowMs)) {
      return refusal('expired', `roster ${this.roster.seq} has expired: no round is started`);
    }
    if (rosterDigest === this.rosterDigest) return undefined;
    if (named.notAfterMs <= nowMs) {
      return refusal('expired', `the plan names roster ${named.seq}, which has expired`);
    }
    const gone = this.roster.revoked.find(({ fromSeq }) => fromSeq > named.seq);
    if (gone === undefined) return undefined;
    return refusal('unknown-plan', `the plan names roster ${named.seq}, before a revocation`);
  }

  /** Remembers across restarts that a round was started here. */
  async acceptPlan(plan: Digest): Promise<void> {
    if (plan === this.#acceptedPlan) return;
    this.#acceptedPlan = plan;
    const value = new TextEncoder().encode(plan);
    await this.#store.write([{ table: 'state', key: PLAN_KEY, value }]);
  }

  /** Told when the roster in force has changed, and when a newer one was heard of. */
  onNews(listener: () => void): Cancel {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /**
   * Takes the next roster, one offer after the other. Refused are one that does not follow the one
   * in force, that too few administrators signed, or that has ended already; a link of the chain
   * that a site catches up on may have ended.
   */
  offer(bytes: Uint8Array, nowMs: number, use: 'in-force' | 'link' = 'in-force'): Promise<Verdict> {
    const offered = this.#offers.then(() => this.#take(bytes, nowMs, use));
    this.#offers = offered.catch(() => undefined);
    return offered;
  }

  /** Forgets what was heard of: the coordinator does not have it. */
  giveUpCatchingUp(): void {
    this.#heardSeq = this.roster.seq;
  }

  async #take(bytes: Uint8Array, nowMs: number, use: 'in-force' | 'link'): Promise<Verdict> {
    const next = openRoster(bytes, this);
    if (!next.ok) return next.refusal;
    const { body, bodyDigest } = next.value;
    if (bodyDigest === this.rosterDigest) return ACCEPT;
    if (body.seq === this.roster.seq) {
      return refusal('equivocation', `two rosters with seq ${body.seq}`);
    }
    if (use === 'in-force' && body.notAfterMs <= nowMs) {
      return refusal('expired', `roster ${body.seq} ended ${nowMs - body.notAfterMs} ms ago`);
    }
    this.#heardSeq = Math.max(this.#heardSeq, body.seq);
    const current = { roster: this.roster, digest: this.rosterDigest };
    const objection = successorObjection(current, body);
    if (objection !== undefined) {
      if (this.isBehind) this.#tell();
      return objection;
    }
    await this.#store.write(rosterWrites(body.seq, bytes));
    this.#keep(next.value);
    this.#newest = next.value;
    this.#tell();
    return ACCEPT;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #keep(roster: OpenedRoster): void {
    this.#rosters.set(roster.bodyDigest, roster);
    const [oldest] = this.#rosters.keys();
    if (this.#rosters.size > ROSTERS_KEPT && oldest !== undefined) this.#rosters.delete(oldest);
  }
}

function keyIn(
  { members }: Roster,
  sender: MemberId,
  role: RosterMember['role'],
): Uint8Array | undefined {
  return members.find(
    (member) => member.member === sender && member.role === role && member.status === 'active',
  )?.publicKey;
}

function slotOf(seq: number): string {
  return `${ROSTER_KEY}-${seq % ROSTERS_KEPT}`;
}

function rosterWrites(seq: number, bytes: Uint8Array) {
  return [
    { table: 'state', key: slotOf(seq), value: bytes },
    { table: 'state', key: ROSTER_KEY, value: new TextEncoder().encode(String(seq)) },
  ] as const;
}

function trustOf(genesisFrame: Uint8Array): RosterTrust {
  const founded = openGenesis(genesisFrame);
  if (!founded.ok) {
    throw new PeerError('invalid-invitation', `genesis: ${founded.refusal.detail}`);
  }
  return { federation: founded.value.federation, genesis: founded.value.genesis.body };
}

function opened(bytes: Uint8Array, trust: RosterTrust): OpenedRoster {
  const roster = openRoster(bytes, trust);
  if (!roster.ok) throw new PeerError('invalid-invitation', `roster: ${roster.refusal.detail}`);
  return roster.value;
}
