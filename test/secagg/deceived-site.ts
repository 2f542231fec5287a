// One running site of a masked federation; the coordinator and all other members are in the wrong
// hands, which say to it what they like.

import {
  createXWingKey,
  digestOf,
  draftAnnounce,
  encodeBody,
  roundBeacon,
  sealMessage,
  type XWingKey,
} from '@starling/crypto';
import { readFrame } from '@starling/rules';
import {
  type Digest,
  decodeCanonical,
  encodeCanonical,
  keyAdvertisement,
  type MaskedAggregation,
  type MemberId,
  type RoundPlan,
  roundPlan,
  SECAGG_PROTOCOL,
  SECAGG_REQUEST_BYTES_MAX,
  type SecaggAnswer,
  type SecaggRequest,
  type SessionAnnounce,
  type SessionPhase,
  secaggRequestSchema,
  sessionAnnounce,
  sessionPhase,
  type Verdict,
} from '@starling/shared';
import type { ExecutionContext } from 'ava';
import type { ClusterSite } from '../cluster/cluster-site.ts';
import { DishonestCoordinator } from '../cluster/dishonest-coordinator.ts';
import { MASKED, MemoryCluster } from '../cluster/memory-cluster.ts';
import { Wiretap } from '../cluster/wiretap.ts';

/** What the site is offered besides the honest draft. */
export interface Offer {
  readonly attempt?: number;
  readonly participants?: readonly MemberId[];
  readonly policy?: Partial<MaskedAggregation>;
  readonly plan?: Partial<RoundPlan>;
  /** Changes of the drafted announcement. */
  readonly announce?: Partial<SessionAnnounce>;
}

export class DeceivedSite {
  static readonly key: XWingKey = createXWingKey(new Uint8Array(32).fill(5));
  readonly cluster: MemoryCluster;
  readonly coordinator: DishonestCoordinator;
  readonly site: ClusterSite;
  /** All members of the cohort, sorted. */
  readonly members: readonly MemberId[];
  readonly plan: RoundPlan;
  /** What the site sent and asked for. */
  readonly requests: SecaggRequest[] = [];
  /** What it gets. */
  answer: (request: SecaggRequest) => SecaggAnswer = () => ({ outcome: 'taken' });
  readonly #wiretap: Wiretap;

  private constructor(
    coordinator: DishonestCoordinator,
    site: ClusterSite,
    plan: RoundPlan,
    wiretap: Wiretap,
  ) {
    this.cluster = coordinator.cluster;
    this.coordinator = coordinator;
    this.site = site;
    this.plan = plan;
    this.members = plan.cohort;
    this.#wiretap = wiretap;
  }

  static async start(t: ExecutionContext, sites: number): Promise<DeceivedSite> {
    const wiretap = new Wiretap();
    const terms = { sites, aggregation: MASKED, wrapBus: wiretap.wrap };
    const cluster = await MemoryCluster.found(t, terms);
    await cluster.admitAll();
    const [site] = cluster.sites as [ClusterSite];
    const coordinator = await DishonestCoordinator.takeOver(cluster, cluster.sites);
    const deceived = new DeceivedSite(coordinator, site, await coordinator.plan(), wiretap);
    cluster.node.bus.handle(SECAGG_PROTOCOL, async (bytes) => deceived.#answer(bytes), {
      requestBytesMax: SECAGG_REQUEST_BYTES_MAX,
    });
    await site.start();
    await deceived.tell(coordinator.noticeFrame());
    const { seq } = coordinator.state.roster;
    await cluster.until('the newest roster', () => site.peer.status().roster.seq === seq);
    return deceived;
  }

  get member(): MemberId {
    return this.site.identity.member;
  }

  /** What the site's handler says to a control message. */
  async tell(frame: Uint8Array): Promise<Verdict> {
    return this.#wiretap.deliver(this.site.transportId, 'control', frame);
  }

  planFrame(changes: Partial<RoundPlan> = {}): Uint8Array {
    return this.coordinator.planFrame({ ...this.plan, ...changes });
  }

  /** The announcement of an attempt, as an honest coordinator drafts it, then changed. */
  announcement(offer: Offer = {}): SessionAnnounce {
    const plan = { ...this.plan, ...offer.plan };
    const draft = draftAnnounce({
      attempt: offer.attempt ?? 1,
      beacon: roundBeacon(plan.roster, plan.base),
      coordinatorKey: DeceivedSite.key.publicKey,
      group: { count: 1, index: 0 },
      participants: offer.participants ?? plan.cohort,
      phaseWithinMs: 60_000,
      plan,
      planDigest: digestOf(encodeBody(roundPlan, this.plan)),
      policy: { ...MASKED, ...offer.policy },
      rotationSeed: digestOf(new Uint8Array()),
      weightMax: 100,
    });
    return { ...draft, ...offer.announce };
  }

  announce(offer: Offer = {}): Promise<Verdict> {
    return this.tell(this.frameOf(this.announcement(offer)));
  }

  frameOf(body: SessionAnnounce): Uint8Array {
    const { federation, node } = this.cluster;
    return sealMessage(node.identity, sessionAnnounce, { federation, body });
  }

  phaseFrame(body: SessionPhase): Uint8Array {
    const { federation, node } = this.cluster;
    return sealMessage(node.identity, sessionPhase, { federation, body });
  }

  /** Sessions for which the site sent keys, once each. */
  sessionsBegun(): Digest[] {
    const begun = this.requests.flatMap((request) => {
      if (request.kind !== 'message') return [];
      return [readFrame(request.frame, keyAdvertisement).body.session];
    });
    return [...new Set(begun)];
  }

  async untilBegun(count = 1): Promise<void> {
    await this.cluster.until('keys of the site', () => this.sessionsBegun().length === count);
  }

  aborts(reason: string): number {
    return this.site.counted('starling_peer_secagg_aborts_total', { reason });
  }

  async evidence(): Promise<{ reason: string; frames: readonly Uint8Array[] }[]> {
    const kept: { reason: string; frames: readonly Uint8Array[] }[] = [];
    for await (const { value } of this.site.store.entries('evidence')) {
      const decoded = decodeCanonical(value, value.byteLength);
      const { frames, reason } = (decoded.ok ? decoded.value : {}) as (typeof kept)[number];
      kept.push({ reason, frames });
    }
    return kept;
  }

  #answer(bytes: Uint8Array): Uint8Array {
    const decoded = decodeCanonical(bytes, SECAGG_REQUEST_BYTES_MAX);
    const request = secaggRequestSchema.parse(decoded.ok ? decoded.value : undefined);
    this.requests.push(request);
    return encodeCanonical(this.answer(request));
  }
}
