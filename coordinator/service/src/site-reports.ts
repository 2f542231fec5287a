// What sites report of themselves: verified, the newest of each member, in memory only. It is what a
// site says, not what it did: nothing is decided by it.

import { openMessage } from '@starling/crypto';
import { activePeers } from '@starling/rules';
import {
  ACCEPT,
  type Clock,
  encodeCanonical,
  type MemberId,
  refusal,
  SITE_REPORT_GAP_MIN_MS,
  SITE_REPORT_LIFE_MS,
  type SiteReport,
  type SiteReportAnswer,
  siteReport,
  type TransportId,
  type Verdict,
} from '@starling/shared';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';

export interface Reported {
  /** Null once the last one was too long ago, and before the first. */
  readonly report: SiteReport | null;
  /** When the last one came, by the coordinator's clock; stays when the report has ended. */
  readonly reportedAtMs: number | null;
}

interface Kept {
  readonly report: SiteReport;
  readonly seq: number;
  readonly atMs: number;
  readonly clockMs: number;
}

const NOTHING: Reported = Object.freeze({ report: null, reportedAtMs: null });

/** Invariant: at most one report for each active member, signed by it, and none gives way to an older one. */
export class SiteReports {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #kept = new Map<MemberId, Kept>();

  constructor(world: CoordinatorDependencies, log: FederationLog) {
    this.#world = world;
    this.#log = log;
  }

  /** Answers one report of whoever is at the other end of a proved connection. */
  async answer(bytes: Uint8Array, from: TransportId): Promise<Uint8Array> {
    const verdict = this.#take(bytes, from);
    const { bus, logger, meter } = this.#world;
    const isTaken = verdict.kind === 'accept';
    meter.count('starling_coordinator_reports_total', 1, {
      outcome: isTaken ? 'accepted' : verdict.reason,
    });
    if (verdict.kind === 'reject') bus.penalise(from, verdict.reason);
    if (!isTaken)
      logger.debug('report refused', { reason: verdict.reason, detail: verdict.detail });
    const answer: SiteReportAnswer = isTaken
      ? { outcome: 'taken' }
      : { outcome: 'refused', reason: `${verdict.reason}: ${verdict.detail}`.slice(0, 400) };
    return encodeCanonical(answer);
  }

  /** What an active member last reported. */
  of(member: MemberId): Reported {
    const kept = this.#kept.get(member);
    if (kept === undefined) return NOTHING;
    const isOver = ageMs(kept, this.#world.clock) >= SITE_REPORT_LIFE_MS;
    return { report: isOver ? null : kept.report, reportedAtMs: kept.clockMs };
  }

  #take(bytes: Uint8Array, from: TransportId): Verdict {
    const { clock } = this.#world;
    const { federation, roster } = this.#log.state;
    const author = activePeers(roster).find(({ transportId }) => transportId === from);
    if (author === undefined) return refusal('unknown-sender', `${from} is no site of ours`);
    const known = this.#kept.get(author.member);
    // Before the signature: a member that reports without end costs a comparison each time.
    if (known !== undefined && ageMs(known, clock) < SITE_REPORT_GAP_MIN_MS) {
      return refusal('busy', `the last report is less than ${SITE_REPORT_GAP_MIN_MS} ms old`);
    }
    const opened = openMessage(bytes, siteReport, {
      federation,
      nowMs: clock.nowMs(),
      keyOf: (sender) => (sender === author.member ? author.publicKey : undefined),
    });
    if (!opened.ok) return opened.refusal;
    const { body, seq = 0 } = opened.value;
    if (known !== undefined && seq <= known.seq) {
      return refusal('replay', 'a report of this site that is as new is known');
    }
    const kept = { report: body, seq, atMs: clock.monotonicMs(), clockMs: clock.nowMs() };
    this.#kept.set(author.member, kept);
    this.#forgetOthers();
    return ACCEPT;
  }

  /** Members that are active no more leave nothing behind. */
  #forgetOthers(): void {
    const active = new Set(activePeers(this.#log.state.roster).map(({ member }) => member));
    for (const member of [...this.#kept.keys()]) {
      if (!active.has(member)) this.#kept.delete(member);
    }
  }
}

function ageMs({ atMs }: Kept, clock: Clock): number {
  return clock.monotonicMs() - atMs;
}
