// A simulated network: log-normal delays, loss, slow members, partitions; everything counted.

import { Xoshiro128 } from '../xoshiro.ts';
import { type EventWheel, SLOTS_PER_MS } from './event-wheel.ts';
import { bytesOf, type Message } from './message.ts';
import type { MessageLevelSpec } from './spec.ts';

const DELAYS = 1 << 12;
const LOSS_STEPS = 1 << 20;

/** One draw gives a delay (its upper 12 bits) and whether the message is lost (its lower 20). */
export class Network {
  readonly random: Xoshiro128;
  readonly wheel: EventWheel<Message>;
  readonly #members: number;
  readonly #delays: Int32Array;
  readonly #lostBelow: number;
  #slowness: Float64Array | undefined;
  #sides: Uint8Array | undefined;
  messages = 0;
  bytes = 0;

  constructor(spec: MessageLevelSpec, wheel: EventWheel<Message>) {
    this.random = Xoshiro128.seeded(spec.seed);
    this.wheel = wheel;
    this.#members = spec.members;
    this.#delays = delayTable(spec.delayMedianMs, spec.delaySigma);
    this.#lostBelow = Math.round(spec.loss * LOSS_STEPS);
  }

  /** From now on messages from and to these members take `factor` times as long. */
  slowDown(slow: readonly number[], factor: number): void {
    if (slow.length === 0) return;
    this.#slowness = new Float64Array(this.#members).fill(1);
    for (const member of slow) this.#slowness[member] = factor;
  }

  /** Falls apart into the members of side 0 and side 1, or heals. */
  partition(sides: Uint8Array | undefined): void {
    this.#sides = sides;
  }

  broadcast(message: Message): void {
    const { from } = message;
    for (let to = 0; to < this.#members; to++) if (to !== from) this.#deliver(message, to);
    this.#count(message, this.#members - 1);
  }

  send(message: Message, to: number): void {
    this.#deliver(message, to);
    this.#count(message, 1);
  }

  /** Something that a node does by itself at a later time. */
  plan(atMs: number, node: number, message: Message): void {
    const slots = Math.ceil((atMs - this.wheel.nowMs) * SLOTS_PER_MS);
    this.wheel.push(Math.max(0, slots), node, message);
  }

  #deliver(message: Message, to: number): void {
    const drawn = this.random.next();
    if ((drawn & (LOSS_STEPS - 1)) < this.#lostBelow) return;
    const sides = this.#sides;
    if (sides !== undefined && sides[message.from] !== sides[to]) return;
    let delay = this.#delays[drawn >>> 20] ?? 1;
    if (this.#slowness !== undefined) {
      delay *= Math.max(this.#slowness[message.from] ?? 1, this.#slowness[to] ?? 1);
    }
    this.wheel.push(delay, to, message);
  }

  #count(message: Message, copies: number): void {
    this.messages += copies;
    this.bytes += copies * bytesOf(message);
  }
}

const tables = new Map<string, Int32Array>();

/** 4096 quantiles of the log-normal distribution, in slots; drawn evenly. */
export function delayTable(medianMs: number, sigma: number): Int32Array {
  const key = `${medianMs} ${sigma}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const table = Int32Array.from({ length: DELAYS }, (_, i) => {
    const quantile = normalQuantile((i + 0.5) / DELAYS);
    return Math.max(1, Math.round(medianMs * Math.exp(sigma * quantile) * SLOTS_PER_MS));
  });
  if (tables.size < 16) tables.set(key, table);
  return table;
}

/** Inverse of the standard normal distribution by bisection of its series: exact to 1e-9. */
function normalQuantile(p: number): number {
  let [low, high] = [-8, 8];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (normalTail(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P[N < x] by the power series of Marsaglia (2004), good for |x| < 8. */
function normalTail(x: number): number {
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-17; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x - 0.918_938_533_204_672_7);
}
