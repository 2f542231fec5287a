// What Prometheus scrapes of the federation, brought up to date when it does.

import type { PrometheusMeter } from '@starling/adapters';
import { type FederationState, isOpen, roundsDone } from '@starling/rules';
import { MEMBER_STATES } from './schemas/member-schema.ts';
import type { Standing } from './standing.ts';
import { countStates } from './views/count-states.ts';
import { roundsKept } from './views/round-view.ts';

export class FederationMetrics {
  readonly #meter: PrometheusMeter;
  readonly #counted = { failed: 0, final: 0 };
  #observedRound = 0;

  constructor(meter: PrometheusMeter) {
    this.#meter = meter;
  }

  /** All metrics of this process as text. */
  async expose(now: Standing): Promise<string> {
    const meter = this.#meter;
    const isLeading = now.kind === 'leads';
    meter.gauge('starling_coordinator_lease_held', isLeading ? 1 : 0);
    const state = isLeading ? now.coordinator.state : now.known();
    if (state !== undefined) this.#record(state);
    // A stand-by sees nobody.
    const states = isLeading ? countStates(now.coordinator) : undefined;
    for (const each of MEMBER_STATES) {
      meter.gauge('starling_coordinator_members', states?.[each] ?? 0, { state: each });
    }
    const texts = [await meter.expose(), isLeading ? await now.meter.expose() : ''];
    return texts.join('');
  }

  #record(state: FederationState): void {
    const meter = this.#meter;
    const version = state.versions.at(-1)?.version ?? 0;
    const gauges = {
      starling_coordinator_events_head: state.head,
      starling_coordinator_rounds_planned: state.roundsPlanned,
      starling_coordinator_version: version,
      starling_ledger_supply_units: -state.ledger.balance('issuance'),
      starling_ledger_treasury_units: state.ledger.balance('treasury'),
    };
    for (const [name, value] of Object.entries(gauges)) meter.gauge(name, Number(value));
    this.#countRounds('final', version);
    this.#countRounds('failed', roundsDone(state) - version);
    for (const round of roundsKept(state)) {
      const { closedAtMs, openedAtMs, phase } = round;
      if (isOpen(round) || round.plan.round <= this.#observedRound) continue;
      this.#observedRound = round.plan.round;
      const seconds = ((closedAtMs ?? openedAtMs) - openedAtMs) / 1000;
      meter.observe('starling_coordinator_round_seconds', seconds, { outcome: phase });
    }
  }

  #countRounds(outcome: 'failed' | 'final', total: number): void {
    const more = total - this.#counted[outcome];
    this.#counted[outcome] = total;
    this.#meter.count('starling_coordinator_rounds_total', more, { outcome });
  }
}
