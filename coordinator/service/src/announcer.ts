// Re-publication: a gossipsub publish is no delivery, so whatever is not yet final goes out again.

import { answeredIn, sealMessage } from '@starling/crypto';
import {
  activePeers,
  contributorsOf,
  currentSessions,
  type FederationState,
  isAggregating,
  isOpen,
  isRunOver,
  type RoundState,
} from '@starling/rules';
import type { Digest, MemberId, RoundStatus, Sequence } from '@starling/shared';
import { BusError, rosterNotice, roundStatus } from '@starling/shared';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';
import type { RoundDriver } from './round-driver.ts';

/**
 * A roster is large and rarely new, the chain's beginning never: unchanged, they go out with every
 * tenth repetition.
 */
const ROSTER_EVERY = 10;

export class Announcer {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #driver: RoundDriver;
  readonly #sequence: Sequence;
  #toldRoster: Digest | undefined;
  /** Frames that went out before: the state keeps each as one array. */
  readonly #told = new WeakSet<Uint8Array>();
  #repetitions = 0;
  #notice: { readonly digest: Digest; readonly frame: Uint8Array } | undefined;

  constructor(
    world: CoordinatorDependencies,
    log: FederationLog,
    driver: RoundDriver,
    sequence: Sequence,
  ) {
    this.#world = world;
    this.#log = log;
    this.#driver = driver;
    this.#sequence = sequence;
  }

  /** Says everything again: roster, chain-genesis, open plan, sessions or sum, status. Never rejects. */
  repeat(): Promise<void> {
    return this.#guarded(() => {
      const isRosterDue = this.#repetitions++ % ROSTER_EVERY === 0;
      const slow = isRosterDue ? [...this.#rosterNotice(), ...this.#chainFrames()] : [];
      return [...slow, ...this.#openFrames()];
    });
  }

  /** Says what is new since the last announcement, and the status that acknowledges. Never rejects. */
  announce(): Promise<void> {
    return this.#guarded(() => {
      const isRosterNew = this.#toldRoster !== this.#log.state.rosterDigest;
      const rosters = isRosterNew ? this.#rosterNotice() : [];
      const frames = [...rosters, ...this.#chainFrames(), ...this.#openFrames()];
      return frames.filter((frame) => !this.#told.has(frame));
    });
  }

  async #guarded(framesOf: () => Uint8Array[]): Promise<void> {
    try {
      await this.#publishAll(framesOf());
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#world.logger.error('announcement failed', { detail });
    }
  }

  async #publishAll(frames: readonly Uint8Array[]): Promise<void> {
    const { state } = this.#log;
    this.#toldRoster = state.rosterDigest;
    for (const frame of frames) {
      this.#told.add(frame);
      await this.#publish(frame);
    }
    const status = sealMessage(this.#world.identity, roundStatus, {
      federation: state.federation,
      body: statusOf(state, (await this.#driver.currentModel()).root),
      ...this.#sequence.stamp(),
    });
    await this.#publish(status);
  }

  #chainFrames(): Uint8Array[] {
    const { chain } = this.#log.state;
    return chain === undefined ? [] : [chain.frame];
  }

  #openFrames(): Uint8Array[] {
    const { round } = this.#log.state;
    return round === undefined ? [] : roundFrames(round);
  }

  /** Sealed once for each roster: what says the same is repeated byte for byte. */
  #rosterNotice(): Uint8Array[] {
    const { federation, rosterDigest, rosterFrames } = this.#log.state;
    if (this.#notice?.digest !== rosterDigest) {
      const signed = rosterFrames.get(rosterDigest);
      if (signed === undefined) return [];
      const content = { federation, body: { roster: signed } };
      const frame = sealMessage(this.#world.identity, rosterNotice, content);
      this.#notice = { digest: rosterDigest, frame };
    }
    return [this.#notice.frame];
  }

  async #publish(frame: Uint8Array): Promise<void> {
    try {
      await this.#world.bus.publish('control', frame);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      this.#world.logger.debug('not published', { code: error.code, detail: error.message });
    }
  }
}

/** The open plan, its sessions with their newest phase, the sum: whatever is not final. */
function roundFrames(round: RoundState): Uint8Array[] {
  if (!isOpen(round)) return [];
  if (round.aggregate !== undefined) return [round.planFrame, round.aggregate.frame];
  const sessions = currentSessions(round).flatMap(({ announceFrame, phaseFrames }) => [
    announceFrame,
    ...phaseFrames.slice(-1),
  ]);
  return [round.planFrame, ...sessions];
}

/** The state as every member may see it. */
function statusOf(state: FederationState, model: RoundStatus['model']): RoundStatus {
  const { round } = state;
  const active = new Set<MemberId>(activePeers(state.roster).map(({ member }) => member));
  const evaluated = [...state.evaluations].flatMap(([member, stages]) =>
    [...stages.keys()].map((stage) => `${member}:${stage}`),
  );
  for (const [member, scores] of state.registry.scores) {
    if (scores.size > 0) evaluated.push(`${member}:version-${Math.max(...scores.keys())}`);
  }
  return {
    evaluated: evaluated.sort(),
    finished: state.roundsPlanned > 0 && isRunOver(state),
    missing: missingIn(round),
    model,
    phase: round?.phase ?? 'idle',
    ready: [...state.registrations]
      .filter(([member, site]) => active.has(member) && site.ready)
      .map(([member]) => member)
      .sort(),
    received: round === undefined ? [] : contributorsOf(round),
    registered: [...state.registrations.keys()].filter((member) => active.has(member)).sort(),
    rosterSeq: state.roster.seq,
    round: round?.plan.round ?? 0,
    sessions: sessionsOf(round),
    version: state.versions.at(-1)?.version ?? 0,
    voted: [...(round?.votes.keys() ?? [])].sort(),
  };
}

/** While the round is open, those that withdrew: they hear that it was heard. */
function missingIn(round: RoundState | undefined): RoundStatus['missing'] {
  if (round === undefined) return [];
  if (!isAggregating(round)) return [...round.missing];
  return [...round.withdrawn.keys()].sort().map((member) => ({ member, reason: 'declined' }));
}

function sessionsOf(round: RoundState | undefined): RoundStatus['sessions'] {
  if (round === undefined || !isOpen(round)) return [];
  return currentSessions(round).map(({ state }) => ({
    answered: [...answeredIn(state)],
    id: state.session.id,
  }));
}
