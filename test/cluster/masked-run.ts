// A masked federation whose phases a test holds open, and what its log says meanwhile.

import { answeredIn, audienceOf, type CoordinatorState, isOpenable } from '@starling/crypto';
import {
  decodeEvent,
  type FederationState,
  foldEvent,
  type RecordedEvent,
  type RoundState,
} from '@starling/rules';
import {
  decodeCanonical,
  type MemberId,
  type MissingReason,
  type RoundPhase,
  sessionTranscriptSchema,
  TRANSCRIPT_BYTES_MAX,
} from '@starling/shared';
import type { ExecutionContext } from 'ava';
import type { ClusterSite } from './cluster-site.ts';
import { type ClusterOptions, fixedTime, MASKED, MemoryCluster } from './memory-cluster.ts';
import { type HeldType, StatementGate } from './statement-gate.ts';

/** Time here runs ahead of the work that it measures: a phase needs plenty of it. */
export const PHASE_WITHIN_MS = 60_000;

/** What members say, in the order of a round, and the round's phase until they have. */
export const STATEMENTS = Object.freeze([
  ['keys', 'training'],
  ['shares', 'sharing'],
  ['masked', 'masking'],
  ['survivors', 'signing'],
  ['unmask', 'unmasking'],
] as const satisfies readonly (readonly [HeldType & CoordinatorState['phase'], RoundPhase])[]);

export type Statement = (typeof STATEMENTS)[number][0];

export class MaskedRun {
  readonly gate: StatementGate;
  readonly cluster: MemoryCluster;
  #state: FederationState | undefined;
  #planned = 0;

  private constructor(gate: StatementGate, cluster: MemoryCluster) {
    this.gate = gate;
    this.cluster = cluster;
  }

  static async start(
    t: ExecutionContext,
    sites: number,
    options: Partial<ClusterOptions> = {},
  ): Promise<MaskedRun> {
    const gate = new StatementGate();
    const schedule = { phase: fixedTime(PHASE_WITHIN_MS), ...options.schedule };
    const terms = { sites, aggregation: MASKED, wrapBus: gate.wrap };
    const cluster = await MemoryCluster.start(t, { ...terms, ...options, schedule });
    const run = new MaskedRun(gate, cluster);
    await run.untilReady();
    return run;
  }

  /** The fold of the log so far. */
  get state(): FederationState {
    const stored = this.cluster.eventLog.snapshot();
    for (const event of stored.slice(this.#state?.head ?? 0)) {
      this.#state = foldEvent(this.#state, decodeEvent(event));
    }
    if (this.#state === undefined) throw new Error('the log is empty');
    return this.#state;
  }

  get round(): RoundState {
    const { round } = this.state;
    if (round === undefined) throw new Error('no round was opened yet');
    return round;
  }

  /** The round's sessions in the order they were opened. */
  get sessions(): CoordinatorState[] {
    return [...(this.state.round?.sessions.values() ?? [])].map(({ state }) => state);
  }

  site(i: number): ClusterSite {
    const site = this.cluster.sites[i];
    if (site === undefined) throw new Error(`there is no site ${i}`);
    return site;
  }

  members(...sites: readonly number[]): MemberId[] {
    return sites.map((i) => this.site(i).identity.member).sort();
  }

  /** Plans one more round, in which every site has to take part. */
  async next(): Promise<void> {
    await this.untilReady();
    this.#planned += 1;
    await this.cluster.coordinator.planRounds(this.#planned, this.cluster.sites.length);
  }

  hold(statement: HeldType, ...sites: readonly number[]): void {
    for (const i of sites) this.gate.hold(this.site(i).transportId, statement);
  }

  letGo(statement: HeldType, ...sites: readonly number[]): void {
    for (const i of sites) this.gate.letGo(this.site(i).transportId, statement);
  }

  /**
   * Moves time until the newest session of the planned round waits for nobody's statement but those
   * that are held back, or goes on without them.
   */
  async untilAllBut(statement: Statement, ...held: readonly number[]): Promise<void> {
    const silent = this.members(...held).join();
    await this.cluster.until(`all ${statement} but those of ${held.length} sites`, () => {
      const state = this.sessions.at(-1);
      if (state?.failed !== undefined || this.state.round?.plan.round !== this.#planned)
        return false;
      if (!held.every((i) => this.gate.hasStopped(this.site(i).transportId, statement)))
        return false;
      if (state === undefined || isOpenable(state)) return state !== undefined;
      if (state.phase !== statement) return false;
      const answered = new Set(answeredIn(state));
      return (
        silent ===
        audienceOf(state)
          .filter((each) => !answered.has(each))
          .join()
      );
    });
  }

  /** Moves time until every site runs, is connected, and is known to be ready. */
  async untilReady(): Promise<void> {
    await this.cluster.until('every site is there and ready', async () => {
      if (this.cluster.sites.some(({ isRunning, peer }) => !isRunning || !peer.status().configured))
        return false;
      const { members } = await this.cluster.coordinator.status();
      return members.every(({ connected, ready }) => connected && ready);
    });
    // What a site said before it was ready has been heard too.
    await this.cluster.clock.advance(1_000);
  }

  missing(): [MemberId, MissingReason][] {
    return this.round.missing.map(({ member, reason }) => [member, reason]);
  }

  /** What the coordinator published of the last sum: how many secrets of which kind it opened. */
  async opened(): Promise<{ readonly seeds: number; readonly selves: number }> {
    const ref = this.round.aggregate?.body.updates;
    if (ref === undefined) throw new Error('nothing was summed yet');
    const bytes = await this.cluster.node.payloads.fetch(ref, { providers: [] });
    const decoded = decodeCanonical(bytes, TRANSCRIPT_BYTES_MAX);
    const [first] = decoded.ok && Array.isArray(decoded.value) ? decoded.value : [];
    const inner =
      first instanceof Uint8Array ? decodeCanonical(first, TRANSCRIPT_BYTES_MAX) : undefined;
    const { seeds, selves } = sessionTranscriptSchema.parse(inner?.ok ? inner.value : undefined);
    return { seeds: seeds.length, selves: selves.length };
  }

  count(type: RecordedEvent['type']): number {
    return this.cluster.eventLog.snapshot().filter((event) => event.type === type).length;
  }
}
