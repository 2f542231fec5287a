// Polls of the engine snow at one site: each asked member answers over its own channel, or counts as
// silent. Answers may come at once, so polls have a pace of their own.

import type { Chit } from '@starling/consensus';
import type { Clock } from '@starling/shared';
import type { EpochTerms } from './chain-codec.ts';
import type { EpochHost } from './epoch-host.ts';

/** How long a member is waited for; the engine gives a poll up after a second. */
export const CHIT_WITHIN_MS = 800;
/** A refusal that comes at once counts as silence only after this. */
export const SILENT_AFTER_MS = 250;
/** So many polls begin at once, and again only after the pace. */
export const POLLS_AT_ONCE_MAX = 4;
export const POLL_PACE_MS = 50;

export interface PollQuestion {
  readonly era: number;
  readonly height: number;
  readonly peers: readonly number[];
}

export interface SnowPollsParts {
  readonly clock: Clock;
  readonly host: Pick<EpochHost, 'askMember'>;
  readonly terms: EpochTerms;
}

type OnAnswer = (voter: number, chit: Chit | undefined) => void;

export class SnowPolls {
  readonly #parts: SnowPollsParts;
  /** When the last polls began, oldest first. */
  readonly #begunMs: number[] = [];

  constructor(parts: SnowPollsParts) {
    this.#parts = parts;
  }

  /** Asks every member of a poll; tells each answer as it comes, undefined for none. */
  ask(question: PollQuestion, onAnswer: OnAnswer): void {
    const { clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    const isFull = this.#begunMs.length >= POLLS_AT_ONCE_MAX;
    const earliestMs = isFull ? (this.#begunMs[0] ?? nowMs) + POLL_PACE_MS : nowMs;
    const atMs = Math.max(nowMs, earliestMs);
    this.#begunMs.push(atMs);
    if (isFull) this.#begunMs.shift();
    if (atMs === nowMs) this.#ask(question, onAnswer);
    else clock.after(atMs - nowMs, () => this.#ask(question, onAnswer));
  }

  #ask({ era, height, peers }: PollQuestion, onAnswer: OnAnswer): void {
    const { clock, host, terms } = this.#parts;
    const { collection, epoch, membership } = terms;
    const request = { kind: 'preference', collection, epoch, era, height } as const;
    for (const voter of peers) {
      const member = membership.members[voter]?.member;
      if (member === undefined) continue;
      void host.askMember(member, request, CHIT_WITHIN_MS).then((answer) => {
        const chit = answer?.outcome === 'preference' ? answer.chit : null;
        if (chit !== null) onAnswer(voter, chit);
        else clock.after(SILENT_AFTER_MS, () => onAnswer(voter, undefined));
      });
    }
  }
}
