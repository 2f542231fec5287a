// Leaving a session: why is counted and logged, what proves it is kept, and the coordinator is told
// not to wait for this site.

import type { AbortReason, Session } from '@starling/crypto';
import type { Digest } from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import { PendingWork } from './pending-work.ts';
import type { SecaggMail } from './secagg-mail.ts';

/** Reasons that the coordinator knows already, or that end the session for all. */
const KNOWN_ALREADY: ReadonlySet<AbortReason> = new Set([
  'superseded',
  'left-out',
  'faulty-packet',
]);

export class SessionFarewell {
  readonly #world: PeerDependencies;
  readonly #mail: SecaggMail;
  readonly #pending: PendingWork;
  /** The last session that was declined. */
  #declined: Digest | undefined;

  constructor(world: PeerDependencies, mail: SecaggMail, signal: AbortSignal) {
    this.#world = world;
    this.#mail = mail;
    this.#pending = new PendingWork(world.logger, signal);
  }

  /** Tells why this site is out of a session. */
  async leave(
    session: Session,
    reason: AbortReason,
    detail: string,
    evidence: readonly Uint8Array[] = [],
  ): Promise<void> {
    const { logger, meter } = this.#world;
    meter.count('starling_peer_secagg_aborts_total', 1, { reason });
    const fields = { reason, detail, session: session.id };
    if (reason === 'superseded') logger.debug('a secure aggregation went on without us', fields);
    else logger.warn('left a secure aggregation', fields);
    void this.#mail.keepEvidence(session, reason, evidence);
    if (!KNOWN_ALREADY.has(reason)) await this.decline(session.id);
  }

  /** Stays out of a session, which is told once. */
  async stayOut(...left: Parameters<SessionFarewell['leave']>): Promise<void> {
    const [session] = left;
    if (this.#declined !== session.id) await this.leave(...left);
  }

  /** Says that nobody has to wait, with every `retry` again: a restarted coordinator forgot it. */
  async decline(session: Digest): Promise<void> {
    if (this.#declined === session) return;
    this.#declined = session;
    this.#pending.clear();
    await this.#pending.add('decline', async () => {
      await this.#mail.decline(session);
      return false;
    });
  }

  retry(): Promise<void> {
    return this.#pending.retry();
  }

  /** The round is over. */
  end(): void {
    this.#pending.clear();
  }
}
