// How the coordinator of this process stands: it leads, or another does and it stands by.

import type { PrometheusMeter } from '@starling/adapters';
import type { Coordinator } from '@starling/coordinator';
import type { FederationState } from '@starling/rules';
import type { EventLog, PayloadExchange } from '@starling/shared';
import { ApiRefusal } from './api-refusal.ts';

/** What the routes ask while it leads. */
export interface Leading {
  readonly kind: 'leads';
  readonly coordinator: Coordinator;
  readonly eventLog: EventLog;
  readonly meter: PrometheusMeter;
  readonly payloads: PayloadExchange;
}

export interface StandingBy {
  readonly kind: 'stands-by';
  /** Who leads, and how far the log is followed, in words. */
  readonly describe: () => string;
  /** What is folded of the log so far. */
  readonly known: () => FederationState | undefined;
}

export type Standing = Leading | StandingBy;

export class CurrentStanding {
  #now: Standing = standingBy('starts: nobody leads from here yet');
  readonly #listeners = new Set<(now: Standing) => void>();

  get now(): Standing {
    return this.#now;
  }

  set(standing: Standing): void {
    this.#now = standing;
    for (const listener of this.#listeners) listener(standing);
  }

  /** @throws {ApiRefusal} `not-leading` */
  leading(): Leading {
    if (this.#now.kind === 'leads') return this.#now;
    const message = `${this.#now.describe()}: ask the coordinator that leads`;
    throw new ApiRefusal(503, 'not-leading', message);
  }

  /** Called with every standing after the present one, until `signal` fires. */
  onChange(listener: (now: Standing) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Without a log that is followed. */
export function standingBy(words: string): StandingBy {
  return { kind: 'stands-by', describe: () => words, known: () => undefined };
}
