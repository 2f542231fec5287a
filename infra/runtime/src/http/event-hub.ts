// What changed, told to everyone who listens: one look at the federation for all of them, after it
// said that something is new, and never more often than EVENTS_EVERY_MS.

import type { Cancel, Clock } from '@starling/shared';
import type { LogStatus } from '../coordinator-log.ts';
import type { EventData, EventName } from './schemas/events-schema.ts';
import type { CurrentStanding, Leading } from './standing.ts';
import { viewEntry } from './views/ledger-lines.ts';
import { roundsKept, viewRound } from './views/round-view.ts';

/** Changes that come closer together are told as one. */
export const EVENTS_EVERY_MS = 250;
/** A closed round may still hear late votes. */
const ROUNDS_WATCHED = 2;
/** Entries of one event. */
const ENTRIES_MAX = 100;

export interface FederationEventFrame {
  readonly name: EventName;
  readonly id: number;
  /** JSON. */
  readonly data: string;
}

export type EventListener = (frames: readonly FederationEventFrame[]) => void;

export class EventHub {
  readonly #clock: Clock;
  readonly #standing: CurrentStanding;
  readonly #lookAtLog: () => Promise<LogStatus>;
  readonly #listeners = new Set<EventListener>();
  /** By name and key, what was told last. */
  #told = new Map<string, string>();
  #toldEntries = 0;
  #unwatch: Cancel | undefined;
  #due: Cancel | undefined;

  constructor(standing: CurrentStanding, clock: Clock, lookAtLog: () => Promise<LogStatus>) {
    this.#standing = standing;
    this.#clock = clock;
    this.#lookAtLog = lookAtLog;
    standing.onChange(() => this.#stop());
  }

  /** Tells `listener` what changes from now on. @throws {ApiRefusal} `not-leading` */
  async listen(listener: EventListener): Promise<Cancel> {
    const leading = this.#standing.leading();
    if (this.#listeners.size === 0) await this.#start(leading);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  /** The head of the status as a frame. */
  async statusFrame({ coordinator }: Leading): Promise<FederationEventFrame> {
    const status = { ...(await coordinator.desk.head()), log: await this.#lookAtLog() };
    return frameOf('status', status.events, status);
  }

  async #start(leading: Leading): Promise<void> {
    this.#told = new Map();
    this.#toldEntries = leading.coordinator.state.ledger.entries.length;
    // What is so now is not new.
    await this.#changes(leading);
    this.#unwatch?.();
    this.#unwatch = leading.coordinator.desk.watch(() => this.#schedule(leading));
  }

  #stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#due?.();
    this.#due = undefined;
  }

  #schedule(leading: Leading): void {
    this.#due ??= this.#clock.after(EVENTS_EVERY_MS, () => {
      this.#due = undefined;
      void this.#changes(leading).then((frames) => {
        if (frames.length === 0) return;
        for (const listener of [...this.#listeners]) listener(frames);
      });
    });
  }

  async #changes(leading: Leading): Promise<FederationEventFrame[]> {
    const { coordinator } = leading;
    const status = await this.statusFrame(leading);
    const { state } = coordinator;
    const id = state.head;
    const frames: FederationEventFrame[] = [];
    const add = (name: EventName, key: number | string, data: object, compared = data): void => {
      const place = `${name}/${key}`;
      const text = JSON.stringify(compared);
      if (this.#told.get(place) === text) return;
      this.#told.set(place, text);
      frames.push({ name, id, data: compared === data ? text : JSON.stringify(data) });
    };
    for (const round of roundsKept(state).slice(-ROUNDS_WATCHED)) {
      add('round', round.plan.round, viewRound(round));
    }
    for (const member of coordinator.desk.members) {
      // Every message is a contact: that alone is no news.
      const { lastContactMs: _, reportedAtMs: __, ...compared } = member;
      add('member', member.member, member, compared);
    }
    for (const version of coordinator.models.versions()) add('version', version.version, version);
    for (const pattern of coordinator.observedChain()?.patterns ?? []) {
      add('pattern', pattern.id, pattern);
    }
    frames.push(...this.#newEntries(leading, id));
    const isNew = this.#told.get('status/') !== status.data;
    this.#told.set('status/', status.data);
    return isNew ? [{ ...status, id }, ...frames] : frames;
  }

  #newEntries({ coordinator }: Leading, id: number): FederationEventFrame[] {
    const { entries } = coordinator.state.ledger;
    const frames: FederationEventFrame[] = [];
    for (; this.#toldEntries < entries.length; this.#toldEntries += ENTRIES_MAX) {
      const newer = entries.slice(this.#toldEntries, this.#toldEntries + ENTRIES_MAX);
      frames.push(frameOf('ledger', id, { entries: newer.map(viewEntry).reverse() }));
    }
    this.#toldEntries = entries.length;
    return frames;
  }
}

export function frameOf<N extends EventName>(
  name: N,
  id: number,
  data: EventData[N],
): FederationEventFrame {
  return { name, id, data: JSON.stringify(data) };
}
