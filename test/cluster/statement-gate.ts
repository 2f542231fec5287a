// Holds back what sites say in secure aggregations, by the type of the statement: a phase then stays
// open for as long as a test wants.

import type { MemoryBus } from '@starling/adapters';
import { typeOfFrame } from '@starling/rules';
import {
  BusError,
  decodeCanonical,
  type MessageBus,
  SECAGG_PROTOCOL,
  SECAGG_REQUEST_BYTES_MAX,
  secaggRequestSchema,
  type TransportId,
} from '@starling/shared';
import { passing } from './passing-bus.ts';

/** R0 to R4, and the vote for the sum. */
export type HeldType = 'keys' | 'shares' | 'masked' | 'survivors' | 'unmask' | 'model-vote';

export class StatementGate {
  readonly #held = new Set<string>();
  /** Statements that were held back, as `<node> <type>`. */
  readonly #stopped = new Set<string>();

  hold(node: TransportId, type: HeldType): void {
    this.#held.add(`${node} ${type}`);
  }

  letGo(node: TransportId, type: HeldType): void {
    this.#held.delete(`${node} ${type}`);
    this.#stopped.delete(`${node} ${type}`);
  }

  /** True when the node wanted to say it since it was held back. */
  hasStopped(node: TransportId, type: HeldType): boolean {
    return this.#stopped.has(`${node} ${type}`);
  }

  readonly wrap = (bus: MemoryBus): MessageBus => ({
    ...passing(bus),
    publish: async (topic, bytes) => {
      return this.#isHeld(bus.self, bytes) ? 0 : await bus.publish(topic, bytes);
    },
    request: async (to, protocol, bytes, options) => {
      const frame = protocol === SECAGG_PROTOCOL ? statementIn(bytes) : undefined;
      if (frame !== undefined && this.#isHeld(bus.self, frame)) {
        throw new BusError('request-failed', 'the gate holds it back');
      }
      return bus.request(to, protocol, bytes, options);
    },
  });

  #isHeld(node: TransportId, frame: Uint8Array): boolean {
    const name = `${node} ${typeOfFrame(frame)}`;
    if (!this.#held.has(name)) return false;
    this.#stopped.add(name);
    return true;
  }
}

function statementIn(bytes: Uint8Array): Uint8Array | undefined {
  const decoded = decodeCanonical(bytes, SECAGG_REQUEST_BYTES_MAX);
  const request = decoded.ok ? secaggRequestSchema.safeParse(decoded.value).data : undefined;
  return request !== undefined && 'frame' in request ? request.frame : undefined;
}
