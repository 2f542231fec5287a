import { carriedBytes, decompressUpdate, recordDict } from '@starling/shared';
import test from 'ava';
import type { ClientContext } from './client-app.ts';
import { clientApp } from './client-app.ts';
import { type CompressUpdatesOptions, compressUpdates } from './compress-updates.ts';
import { clipToNorm } from './mods.ts';

const BASE = Float32Array.from({ length: 400 }, (_, i) => i / 100);

function contextOf(state = recordDict()): ClientContext {
  const { signal } = new AbortController();
  return { node: 'a', runConfig: {}, nodeConfig: {}, state, signal, seed: 7 };
}

/** One round of a node whose training adds `update`. */
async function round(
  options: CompressUpdatesOptions,
  update: (i: number) => number,
  context = contextOf(),
) {
  const app = clientApp({
    train: async ({ content }) => {
      const model = (content.arrays['model'] ?? BASE).map((weight, i) => weight + update(i));
      return recordDict({
        arrays: { model, 'control-delta': Float32Array.of(1) },
        metrics: { 'num-examples': 5 },
      });
    },
    mods: [compressUpdates(options), clipToNorm({ clippingNorm: 1e9 })],
  });
  const content = recordDict({ arrays: { model: BASE } });
  return app.handle({ kind: 'train', runId: 'r', round: 1, node: 'a', content }, context);
}

function opened(carried: Float32Array | undefined): Float32Array {
  const bytes = carriedBytes(carried ?? new Float32Array(0));
  const update = bytes.ok ? decompressUpdate(bytes.value, BASE.length) : bytes;
  if (!update.ok) throw new Error(update.refusal.detail);
  return update.value;
}

test('the update travels in fewer bytes, with what else was answered and what it saved', async (t) => {
  const { arrays, metrics } = await round({ method: 'int8' }, (i) => Math.sin(i));
  t.deepEqual(Object.keys(arrays).sort(), ['control-delta', 'model-update']);
  for (const [i, value] of opened(arrays['model-update']).entries()) {
    t.true(Math.abs(value - Math.sin(i)) < 0.5 / 127 + 1e-6);
  }
  t.is(metrics['num-examples'], 5);
  t.is(metrics['update-bytes'], arrays['model-update']?.byteLength);
  t.is(metrics['compression-ratio'], (arrays['model-update']?.byteLength ?? 0) / 1600);
  t.true((metrics['compression-ratio'] as number) < 0.29);
});

test('what top-k leaves out is kept at the node and sent later', async (t) => {
  const context = contextOf();
  const sent = new Float64Array(BASE.length);
  const options = { method: 'top-k', density: 0.1, values: 'float32' } as const;
  for (let i = 0; i < 100; i++) {
    const { arrays } = await round(options, (at) => (at % 10) + 1, context);
    for (const [at, value] of opened(arrays['model-update']).entries()) {
      sent[at] = (sent[at] as number) + value;
    }
  }
  const kept = context.state.arrays['compression-residual'];
  for (const [at, value] of sent.entries()) {
    t.true(Math.abs(value + (kept?.[at] ?? 0) - 100 * ((at % 10) + 1)) < 0.01);
    t.true(value > 0);
  }
});

test('error feedback can be asked of the others, and is off there', async (t) => {
  const context = contextOf();
  await round({ method: 'int4' }, (i) => i, context);
  t.deepEqual(context.state.arrays, {});
  await round({ method: 'int4', errorFeedback: true }, (i) => i, context);
  t.is(context.state.arrays['compression-residual']?.length, BASE.length);
});

test('an update that would not shrink is sent plainly, with what was kept', async (t) => {
  const kept = new Float32Array(BASE.length).fill(2);
  const context = contextOf(recordDict({ arrays: { 'compression-residual': kept } }));
  const options = { method: 'top-k', density: 1, values: 'float32' } as const;
  const { arrays, metrics } = await round(options, () => 1, context);
  t.is(arrays['model-update'], undefined);
  t.deepEqual(
    arrays['model'],
    BASE.map((weight) => weight + 3),
  );
  t.is(metrics['compression-ratio'], 1);
  t.deepEqual(context.state.arrays['compression-residual'], new Float32Array(BASE.length));
});

test('options and weights that cannot be compressed are named', async (t) => {
  t.throws(() => compressUpdates({ method: 'zip' as never }), {
    code: 'invalid-options',
    message: /compressUpdates: method is zip; expected fp16, int8, int4, top-k/,
  });
  await t.throwsAsync(
    round({ method: 'int8' }, (i) => (i === 3 ? Number.NaN : 0)),
    {
      code: 'non-finite-parameter',
      message: /element 3 of the update is NaN/,
    },
  );
  const state = recordDict({ arrays: { 'compression-residual': new Float32Array(3) } });
  await t.throwsAsync(
    round({ method: 'top-k' }, () => 1, contextOf(state)),
    {
      code: 'shape-mismatch',
      message: /this node's compression-residual has 3/,
    },
  );
});
