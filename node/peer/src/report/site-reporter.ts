// Tells the coordinator how this site is: a new state at once, other news every few seconds, and the
// same again before it is forgotten. Straight to the coordinator: gossip would carry it to everyone.

import { sealMessage } from '@starling/crypto';
import {
  BusError,
  decodeCanonical,
  type Sequence,
  SITE_REPORT_ANSWER_BYTES_MAX,
  SITE_REPORT_GAP_MIN_MS,
  SITE_REPORT_LIFE_MS,
  SITE_REPORT_PROTOCOL,
  type SiteReport,
  siteReport,
  siteReportAnswerSchema,
  type TransportId,
} from '@starling/shared';
import type { PeerDependencies } from '../dependencies.ts';
import type { SiteMembership } from '../membership.ts';

/** How often news other than of the state is told, and a report that was not taken is made again. */
export const REPORT_NEWS_EVERY_MS = 5_000;
/** How often the same is told again. */
export const REPORT_REPEAT_MS = SITE_REPORT_LIFE_MS / 3;
/** Room for the clocks of two machines. */
const REPORT_STATE_EVERY_MS = 2 * SITE_REPORT_GAP_MIN_MS;
const ANSWER_WITHIN_MS = 5_000;

export interface ReporterParts {
  readonly channels: { readonly peers: readonly TransportId[] };
  readonly membership: Pick<SiteMembership, 'coordinator' | 'federation'>;
  readonly sequence: Sequence;
  /** How the site is now. */
  readonly compose: () => SiteReport;
}

type World = Pick<PeerDependencies, 'bus' | 'clock' | 'identity' | 'logger' | 'meter'>;

/** Invariant: one report is under way at a time. */
export class SiteReporter {
  readonly #world: World;
  readonly #parts: ReporterParts;
  readonly #stopping = new AbortController();
  /** The last report that the coordinator took. */
  #told: SiteReport | undefined;
  #sentMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;

  constructor(world: World, parts: ReporterParts) {
    this.#world = world;
    this.#parts = parts;
  }

  /** Whoever leads now may have heard nothing yet: the next report is due at once. */
  beginAnew(): void {
    this.#told = undefined;
    this.#sentMs = Number.NEGATIVE_INFINITY;
    this.run();
  }

  /** Reports when it is time to; a call while it runs does nothing. Never throws. */
  run(): void {
    this.#running ??= this.#report().finally(() => {
      this.#running = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the site stops'));
    await this.#running;
  }

  async #report(): Promise<void> {
    // Whoever told of a proof is not kept waiting.
    await Promise.resolve();
    if (this.#stopping.signal.aborted) return;
    const { channels, compose, membership } = this.#parts;
    const report = compose();
    const coordinator = membership.coordinator?.transportId;
    if (coordinator === undefined || !channels.peers.includes(coordinator)) return;
    const { clock, logger, meter } = this.#world;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#sentMs < this.#waitMs(report)) return;
    this.#sentMs = nowMs;
    try {
      const outcome = await this.#send(coordinator, report);
      this.#told = outcome === 'taken' ? report : undefined;
      meter.count('starling_peer_reports_total', 1, { outcome });
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#told = undefined;
      meter.count('starling_peer_reports_total', 1, { outcome: 'failed' });
      const detail = error instanceof Error ? error.message : String(error);
      if (error instanceof BusError) logger.debug('no report went out', { detail });
      else logger.error('no report went out', { detail });
    }
  }

  #waitMs(report: SiteReport): number {
    if (this.#told === undefined) return REPORT_NEWS_EVERY_MS;
    if (report.state !== this.#told.state) return REPORT_STATE_EVERY_MS;
    return newsOf(report) === newsOf(this.#told) ? REPORT_REPEAT_MS : REPORT_NEWS_EVERY_MS;
  }

  async #send(to: TransportId, body: SiteReport): Promise<'taken' | 'refused'> {
    const { bus, clock, identity, logger } = this.#world;
    const { membership, sequence } = this.#parts;
    const { federation } = membership;
    const frame = sealMessage(identity, siteReport, { federation, body, ...sequence.stamp() });
    const limit = new AbortController();
    const cancel = clock.after(ANSWER_WITHIN_MS, () => limit.abort(new Error('no answer')));
    try {
      const answer = await bus.request(to, SITE_REPORT_PROTOCOL, frame, {
        answerBytesMax: SITE_REPORT_ANSWER_BYTES_MAX,
        signal: AbortSignal.any([limit.signal, this.#stopping.signal]),
      });
      const decoded = decodeCanonical(answer, SITE_REPORT_ANSWER_BYTES_MAX);
      const parsed = siteReportAnswerSchema.safeParse(decoded.ok ? decoded.value : undefined).data;
      if (parsed?.outcome === 'taken') return 'taken';
      logger.debug('the coordinator refused a report', { reason: parsed?.reason ?? 'no answer' });
      return 'refused';
    } finally {
      cancel();
    }
  }
}

/** Round trips change with every ping and are no news. */
function newsOf({ peers, ...rest }: SiteReport): string {
  return JSON.stringify([rest, peers?.map(({ member, mesh }) => [member, mesh])]);
}
