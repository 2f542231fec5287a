import test from 'ava';
import { smallTask } from './trainer-fixture.ts';
import { createWorkerTrainer } from './worker-trainer.ts';

const dyingWorker = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.once('message', () => process.exit(3));
  `)}`,
);

test('the death of the worker rejects the fit with a typed error, and the next fit starts anew', async (t) => {
  const trainer = createWorkerTrainer('built-in', dyingWorker);
  await t.throwsAsync(trainer.fit(smallTask(20)), { code: 'worker-died' });
  await t.throwsAsync(trainer.fit(smallTask(20)), { code: 'worker-died' });
  await trainer.stop();
});

test('fits of one worker run in order, and an abort of a waiting one leaves the others', async (t) => {
  const trainer = createWorkerTrainer();
  const abort = new AbortController();
  const first = trainer.fit(smallTask(100));
  const waiting = trainer.fit(smallTask(100, { epochs: 1000 }), { signal: abort.signal });
  const third = trainer.fit(smallTask(50));
  abort.abort();
  await t.throwsAsync(waiting, { code: 'aborted' });
  t.is((await first).examples, 100);
  t.is((await third).examples, 50);
  await trainer.stop();
});

test('the event loop turns while the worker trains', async (t) => {
  const trainer = createWorkerTrainer();
  let turns = 0;
  const fit = trainer.fit(smallTask(400, { epochs: 4, batchSize: 400 }));
  const count = () => {
    turns += 1;
    handle = setImmediate(count);
  };
  let handle = setImmediate(count);
  await fit;
  clearImmediate(handle);
  t.true(turns > 4);
  await trainer.stop();
});

test('an error thrown by the progress listener rejects the fit', async (t) => {
  const trainer = createWorkerTrainer();
  const onProgress = () => {
    throw new Error('listener');
  };
  await t.throwsAsync(trainer.fit(smallTask(50, { epochs: 50 }), { onProgress }), {
    message: 'listener',
  });
  await trainer.stop();
});

test('too many waiting fits are refused', async (t) => {
  const trainer = createWorkerTrainer();
  const fits = Array.from({ length: 16 }, () => trainer.fit(smallTask(10)));
  await t.throwsAsync(trainer.fit(smallTask(10)), { code: 'invalid-options' });
  await Promise.all(fits);
  await trainer.stop();
});
