// A masked federation whose coordinator is in the wrong hands: the honest service runs with its log,
// and whoever holds its keys sits on its wire, tells every site what it likes and answers as it
// likes. Sites are real; apart, they hear nobody else.

import { type MemoryBus, memoryTransportId } from '@starling/adapters';
import { digestOf, phaseRoot, sealMessage } from '@starling/crypto';
import { readFrame, typeOfFrame } from '@starling/rules';
import {
  BusError,
  type Digest,
  decodeCanonical,
  encodeCanonical,
  type GossipTopic,
  type MessageBus,
  type MessageDefinition,
  SECAGG_ANSWER_BYTES_MAX,
  SECAGG_PROTOCOL,
  SECAGG_REQUEST_BYTES_MAX,
  type SecaggAnswer,
  type SecaggRequest,
  type SessionPhase,
  type SessionPhaseName,
  secaggAnswerSchema,
  secaggRequestSchema,
  sessionAnnounce,
  sessionPhase,
  type TransportId,
} from '@starling/shared';
import type { ExecutionContext } from 'ava';
import type { ClusterSite } from '../cluster/cluster-site.ts';
import { MaskedRun } from '../cluster/masked-run.ts';
import type { ClusterOptions, MemoryCluster } from '../cluster/memory-cluster.ts';
import { passing } from '../cluster/passing-bus.ts';
import { SecretAudit, type Sent } from './secret-audit.ts';

/** What one site hears in place of a control message: nothing, this, or several. */
export type Tell = (
  frame: Uint8Array,
  type: string,
  site: number,
) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;

/** What one site gets in place of the honest answer. */
export type Answer = (
  answer: SecaggAnswer,
  request: SecaggRequest,
  site: number,
) => SecaggAnswer | Promise<SecaggAnswer>;

export interface AggregatorOptions extends Partial<ClusterOptions> {
  /** Sites reach the coordinator only, which passes nothing on. */
  readonly apart?: boolean;
}

const NONE = '0'.repeat(64) as Digest;
const COORDINATOR = memoryTransportId('coordinator');

export class DishonestAggregator {
  tell: Tell = (frame) => [frame];
  answer: Answer = (answer) => answer;
  /** Later attempts are announced to nobody: whoever has not left yet stays in this one. */
  attemptsMax = 1;
  /** Every statement that a site sent, whoever it was for; oldest first. */
  readonly sent: Sent[] = [];
  readonly #isApart: boolean;
  /** The last announcement that each site was told of a phase. */
  readonly #phases = new Map<string, SessionPhase>();
  #run: MaskedRun | undefined;
  #told = 0;

  private constructor(isApart: boolean) {
    this.#isApart = isApart;
  }

  static async start(
    t: ExecutionContext,
    sites: number,
    { apart = false, ...options }: AggregatorOptions = {},
  ): Promise<DishonestAggregator> {
    const aggregator = new DishonestAggregator(apart);
    const wrapBus = (bus: MemoryBus): MessageBus =>
      bus.self === COORDINATOR ? aggregator.#wire(bus) : aggregator.#siteBus(bus);
    aggregator.#run = await MaskedRun.start(t, sites, { ...options, wrapBus });
    return aggregator;
  }

  get run(): MaskedRun {
    if (this.#run === undefined) throw new Error('the federation has not started');
    return this.#run;
  }

  get cluster(): MemoryCluster {
    return this.run.cluster;
  }

  get sites(): readonly ClusterSite[] {
    return this.cluster.sites;
  }

  get audit(): SecretAudit {
    return new SecretAudit(this.sent, this.cluster.node.identity);
  }

  /** Signs with the coordinator's key. */
  seal<T>(definition: MessageDefinition<T>, body: T): Uint8Array {
    const { federation, node } = this.cluster;
    return sealMessage(node.identity, definition, { federation, body });
  }

  /**
   * Another announcement of a phase in its place, with the root of what its members said; other
   * frames as they are.
   */
  phaseInstead(
    frame: Uint8Array,
    type: string,
    phase: SessionPhaseName,
    change: (body: SessionPhase) => SessionPhase,
  ): Uint8Array {
    if (type !== sessionPhase.type) return frame;
    const { body } = readFrame(frame, sessionPhase);
    return body.phase === phase ? this.seal(sessionPhase, this.rooted(change(body))) : frame;
  }

  /** A phase with the root that its members' statements give. */
  rooted(body: SessionPhase): SessionPhase {
    const { members, phase, session } = body;
    if (phase === 'unmasking') return body;
    const digests = this.digestsOf(body);
    const said = members.map((member, i) => ({ member, digest: digests[i] ?? NONE }));
    return { ...body, root: phaseRoot(session, phase, said) };
  }

  /** Digests of what the members of a phase said before it. */
  digestsOf({ members, phase, session }: SessionPhase): Digest[] {
    const type = { sharing: 'keys', masking: 'shares', signing: 'masked', unmasking: '' }[phase];
    return members.flatMap((member) => {
      const said = this.statements(type).find((each) => {
        return each.member === member && each.session === session;
      });
      return said?.digest ?? [];
    });
  }

  /** Tells one site, which passes on what it accepts. */
  async whisper(site: number, frame: Uint8Array): Promise<void> {
    this.#remember(site, frame);
    this.#hear(this.run.site(site), frame, `whisper/${this.#told++}`);
    await this.cluster.clock.advance(1);
  }

  /** Statements of a type by a site. */
  statements(type: string, site?: number): Sent[] {
    const member = site === undefined ? undefined : this.run.site(site).identity.member;
    return this.sent.filter((each) => {
      return each.type === type && (member === undefined || each.member === member);
    });
  }

  /** How often a site left a session for this reason. */
  aborts(site: number, reason: string): number {
    return this.run.site(site).counted('starling_peer_secagg_aborts_total', { reason });
  }

  /** Moves time until sites left for these reasons, one for each site; undefined for staying. */
  async untilLeft(...reasons: readonly (string | undefined)[]): Promise<void> {
    await this.cluster.until(`aborts ${reasons.join()}`, () =>
      reasons.every((reason, site) => reason === undefined || this.aborts(site, reason) === 1),
    );
  }

  /** Why a site left sessions, with the frames that it kept. */
  async evidence(site: number): Promise<{ reason: string; frames: number }[]> {
    const kept: { reason: string; frames: number }[] = [];
    for await (const { value } of this.run.site(site).store.entries('evidence')) {
      const decoded = decodeCanonical(value, value.byteLength);
      const { frames, reason } = (decoded.ok ? decoded.value : {}) as {
        frames: readonly Uint8Array[];
        reason: string;
      };
      kept.push({ reason, frames: frames.length });
    }
    return kept;
  }

  #wire(bus: MemoryBus): MessageBus {
    const pass = passing(bus);
    return {
      ...pass,
      publish: async (topic, bytes) => {
        if (this.#run === undefined || topic !== 'control') return pass.publish(topic, bytes);
        return this.#tellAll(bytes);
      },
      subscribe: (topic, handler) =>
        pass.subscribe(topic, async (bytes, from) => {
          this.#note(bytes);
          const verdict = await handler(bytes, from);
          if (!this.#isApart || verdict.kind !== 'accept') return verdict;
          return { kind: 'ignore', reason: 'busy', detail: 'not passed on' };
        }),
      handle: (protocol, handler, options) => {
        if (protocol !== SECAGG_PROTOCOL) return pass.handle(protocol, handler, options);
        return pass.handle(
          protocol,
          async (bytes, from, ...rest) =>
            this.#answered(bytes, from, await handler(bytes, from, ...rest)),
          options,
        );
      },
    };
  }

  #siteBus(bus: MemoryBus): MessageBus {
    const pass = passing(bus);
    if (!this.#isApart) return pass;
    const away = (): never => {
      throw new BusError('unreachable', 'sites do not reach each other');
    };
    return {
      ...pass,
      connect: async (address, signal) =>
        address.endsWith(COORDINATOR) ? pass.connect(address, signal) : away(),
      request: async (to, ...rest) => (to === COORDINATOR ? pass.request(to, ...rest) : away()),
    };
  }

  async #tellAll(frame: Uint8Array): Promise<number> {
    const type = typeOfFrame(frame);
    if (type === sessionAnnounce.type) {
      const { attempt } = readFrame(frame, sessionAnnounce).body;
      if (attempt > this.attemptsMax) return 0;
    }
    const publication = this.#told++;
    for (const [i, site] of this.sites.entries()) {
      if (!site.isRunning) continue;
      const told = await this.tell(frame, type, i);
      for (const bytes of told) this.#remember(i, bytes);
      // The same bytes are one rumour, whoever hears it from whom.
      for (const bytes of told) this.#hear(site, bytes, `${publication}/${digestOf(bytes)}`);
    }
    return this.sites.length;
  }

  #hear(site: ClusterSite, bytes: Uint8Array, id: string): void {
    const topic: GossipTopic = 'control';
    const bus = this.cluster.network.bus(site.transportId);
    void bus?.hear({ id: `wrong-hands/${id}`, topic, bytes }, COORDINATOR);
  }

  async #answered(bytes: Uint8Array, from: TransportId, honest: Uint8Array): Promise<Uint8Array> {
    const decoded = decodeCanonical(bytes, SECAGG_REQUEST_BYTES_MAX);
    const request = secaggRequestSchema.safeParse(decoded.ok ? decoded.value : undefined).data;
    const answer = decodeCanonical(honest, SECAGG_ANSWER_BYTES_MAX);
    const site = this.#run?.cluster.sites.findIndex(({ transportId }) => transportId === from);
    if (request === undefined || !answer.ok || site === undefined || site < 0) return honest;
    if (request.kind === 'message') this.#note(request.frame);
    if (request.kind === 'shares') this.#note(request.frame, request.leaves);
    const fitting = this.#fitting(secaggAnswerSchema.parse(answer.value), request, site);
    return encodeCanonical(await this.answer(fitting, request, site));
  }

  /** The honest answer, with the digests that stand behind the root which the site was told. */
  #fitting(answer: SecaggAnswer, request: SecaggRequest, site: number): SecaggAnswer {
    if (request.kind !== 'inbox') return answer;
    const phase = this.#phases.get(`${site} ${request.session} ${request.phase}`);
    if (phase === undefined) return answer;
    if (request.phase === 'signing') return { outcome: 'inputs', digests: this.digestsOf(phase) };
    if (answer.outcome !== 'keys') return answer;
    return { ...answer, digests: this.digestsOf(phase) };
  }

  #remember(site: number, frame: Uint8Array): void {
    if (typeOfFrame(frame) !== sessionPhase.type) return;
    const { body } = readFrame(frame, sessionPhase);
    this.#phases.set(`${site} ${body.session} ${body.phase}`, body);
  }

  #note(frame: Uint8Array, leaves: readonly Uint8Array[] = []): void {
    const sent = SecretAudit.read(frame, leaves);
    if (sent === undefined) return;
    const isKnown = ({ digest, member }: Sent): boolean =>
      digest === sent.digest && member === sent.member;
    if (!this.sent.some(isKnown)) this.sent.push(sent);
  }
}
