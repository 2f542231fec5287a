import test from 'ava';
import { type PendingWrite, WriteQueue } from './write-queue.ts';

function write(name: string, done: string[], apply?: () => Promise<void>): PendingWrite {
  return {
    record: Buffer.from(name),
    effectOn: () => 'unchanged',
    apply: async () => {
      await apply?.();
      done.push(name);
    },
  };
}

test('writes are applied in order, jobs between them alone, and each group is committed once', async (t) => {
  const done: string[] = [];
  const groups: string[] = [];
  const queue = new WriteQueue(async (records) => {
    groups.push(records.map(String).join());
  });
  await Promise.all([
    queue.write(write('a', done)),
    queue.write(write('b', done)),
    queue.exclusive(async () => {
      done.push('job');
    }),
    queue.write(write('c', done)),
  ]);
  t.deepEqual(done, ['a', 'b', 'job', 'c']);
  t.deepEqual(groups, ['a,b', 'c']);
});

test('a failed commit fails its group alone', async (t) => {
  const done: string[] = [];
  let isFull = true;
  const queue = new WriteQueue(async () => {
    if (isFull) throw new Error('full');
  });
  const results = await Promise.allSettled([
    queue.write(write('a', done)),
    queue.write(write('b', done)),
  ]);
  t.true(results.every((result) => result.status === 'rejected'));
  isFull = false;
  await queue.write(write('c', done));
  t.deepEqual(done, ['c']);
  t.notThrows(() => queue.checkWhole());
});

test('after a logged write could not be applied nothing is written and nothing is saved', async (t) => {
  const done: string[] = [];
  const queue = new WriteQueue(async () => undefined);
  const broken = write('a', done, async () => {
    throw new Error('out of memory');
  });
  await t.throwsAsync(queue.write(broken), { message: /out of memory.*open it again/ });
  await t.throwsAsync(queue.write(write('b', done)), { message: /out of memory/ });
  t.throws(() => queue.checkWhole(), { message: /out of memory/ });
  t.deepEqual(done, []);
});
