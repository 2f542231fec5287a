// What the bus contracts share: buses under test, and waiting for what they carry.

import { setInterval } from 'node:timers/promises';
import {
  ACCEPT,
  BusError,
  type GossipHandler,
  type GossipTopic,
  type MessageBus,
} from '@starling/shared';
import type { ExecutionContext } from 'ava';

/** Buses of one network, connected to nobody and stopped when the test ends. */
export type CreateBuses = (t: ExecutionContext, count: number) => Promise<MessageBus[]>;

export const DEADLINE_MS = 20_000;
const REPUBLISH_MS = 40;

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
export const bytes = (words: string): Uint8Array => new Uint8Array(Buffer.from(words));

/** Collects what a handler heard and lets a test wait for a sentence. */
export class Heard {
  readonly all: string[] = [];
  readonly #wakers = new Set<() => void>();

  handler(judge: GossipHandler = () => ACCEPT): GossipHandler {
    return (message, from) => {
      this.all.push(text(message));
      for (const wake of this.#wakers) wake();
      return judge(message, from);
    };
  }

  async until(isEnough: (all: readonly string[]) => boolean): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    while (!isEnough(this.all)) {
      await new Promise<void>((resolve, reject) => {
        this.#wakers.add(resolve);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      this.#wakers.clear();
    }
  }
}

/** Publishes again and again, as every sender does, until `isDone`. */
export async function publishUntil(
  bus: MessageBus,
  topic: GossipTopic,
  words: string,
  isDone: (recipients: number) => boolean,
): Promise<void> {
  if (isDone(await bus.publish(topic, bytes(words)))) return;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for await (const _ of setInterval(REPUBLISH_MS, undefined, { signal })) {
    if (isDone(await bus.publish(topic, bytes(words)))) return;
  }
}

/** Resolves when `isSo` holds, looking after every change of the bus's connections. */
export async function connectionsUntil(bus: MessageBus, isSo: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('no such connections')), DEADLINE_MS);
  const look = (): void => void (isSo() && resolve());
  const cancel = bus.onConnectionChange(look);
  look();
  await promise.finally(() => {
    clearTimeout(timer);
    cancel();
  });
}

export async function pair(
  t: ExecutionContext,
  create: CreateBuses,
): Promise<[MessageBus, MessageBus]> {
  const [a, b] = await create(t, 2);
  if (a === undefined || b === undefined) throw new Error('two buses were asked for');
  await connect(a, b);
  return [a, b];
}

export async function connect(a: MessageBus, b: MessageBus): Promise<void> {
  await a.connect(b.addresses()[0] ?? '', AbortSignal.timeout(DEADLINE_MS));
  await connectionsUntil(b, () => b.connected().includes(a.self));
}

export const LIMITS = { requestBytesMax: 1000 } as const;
export const ANSWER = { answerBytesMax: 1000 } as const;

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'answered';
  } catch (error) {
    return error instanceof BusError ? error.code : `not a BusError: ${String(error)}`;
  }
}
