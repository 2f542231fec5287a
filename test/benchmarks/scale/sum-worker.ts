// What a coordinator does with the updates of one round, alone in a process: verifies every signed
// header, pulls every vector over the channel, judges it, and sums one after the other.

import { join } from 'node:path';
import { generateTransportKey, openPayloadExchange, startLibp2pBus } from '@starling/adapters';
import { openMessage } from '@starling/crypto';
import { federatedAverage, type WeightedUpdate } from '@starling/rules';
import {
  type FederationId,
  type FetchOptions,
  type MemberId,
  type ModelUpdate,
  modelUpdate,
  type Opened,
  type TransportId,
  tensorFromBytes,
} from '@starling/shared';
import type { SignedUpdates } from './load-protocol.ts';
import { cpuSecondsOf, peakMiBOf } from './process-usage.ts';

/** As many as a coordinator pulls at once. */
const PULLS_MAX = 4;

export interface SumCommand extends SignedUpdates {
  readonly federation: FederationId;
  readonly folder: string;
  readonly elements: number;
}

export interface SumReport {
  readonly verifySeconds: number;
  readonly pullSeconds: number;
  readonly sumSeconds: number;
  readonly cpuSeconds: number;
  /** While pulling, and while summing. */
  readonly pullPeakMiB: number;
  readonly sumPeakMiB: number;
}

process.on('disconnect', () => process.exit(0));
process.on('message', (command: SumCommand) => {
  measure(command).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});

async function measure(command: SumCommand): Promise<SumReport> {
  const { address, elements, federation, folder, authors, frames, transportId } = command;
  const { key } = await generateTransportKey();
  const bus = await startLibp2pBus({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    privateKey: key,
    topicPrefix: 'scale',
  });
  const payloads = await openPayloadExchange({ bus, folder: join(folder, 'sum') });
  await bus.connect(address);
  const keys = new Map<MemberId, Uint8Array>(authors.map((each) => [each.member, each.publicKey]));
  const cpu = cpuSecondsOf(process.pid);
  const verified = await timed(async () => verify(frames, federation, keys));
  const source: FetchOptions = {
    providers: [transportId as TransportId],
    signal: AbortSignal.timeout(600_000),
  };
  peakMiBOf(process.pid);
  const pulled = await timed(async () => {
    const waiting = [...verified.value];
    const pull = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        await payloads.fetch(next.body.payload, source);
      }
    };
    await Promise.all(Array.from({ length: PULLS_MAX }, pull));
  });
  const pullPeakMiB = peakMiBOf(process.pid);
  const oneByOne = async function* (): AsyncGenerator<WeightedUpdate> {
    for (const { body } of verified.value) {
      const delta = tensorFromBytes(await payloads.fetch(body.payload, source), elements);
      if (!delta.ok) throw new Error(delta.refusal.detail);
      yield { delta: delta.value, examples: body.examples };
    }
  };
  const summed = await timed(() => federatedAverage(new Float32Array(elements), oneByOne()));
  const sumPeakMiB = peakMiBOf(process.pid);
  await payloads.stop();
  await bus.stop();
  return {
    verifySeconds: verified.seconds,
    pullSeconds: pulled.seconds,
    sumSeconds: summed.seconds,
    cpuSeconds: cpuSecondsOf(process.pid) - cpu,
    pullPeakMiB,
    sumPeakMiB,
  };
}

function verify(
  frames: readonly Uint8Array[],
  federation: FederationId,
  keys: ReadonlyMap<MemberId, Uint8Array>,
): Opened<ModelUpdate>[] {
  return frames.map((frame) => {
    const opened = openMessage(frame, modelUpdate, {
      federation,
      nowMs: 0,
      keyOf: (sender) => keys.get(sender),
    });
    if (!opened.ok) throw new Error(opened.refusal.detail);
    return opened.value;
  });
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const startedMs = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - startedMs) / 1000 };
}
