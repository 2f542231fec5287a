import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryEventLog, openSqliteEventLog } from '@starling/adapters';
import { EventLogError } from '@starling/shared';
import test, { type TestFn } from 'ava';
import { event, eventLogContract, textsOf } from './event-log.contract.ts';
import { runUntilKilled } from './killed-child.ts';
import { temporaryFolder } from './temporary-folder.ts';

eventLogContract(test as TestFn, 'memory log', async () => {
  const log = new MemoryEventLog();
  return {
    log,
    reopen: async () => {
      const events = log.snapshot();
      await log.stop();
      return new MemoryEventLog(events);
    },
  };
});

eventLogContract(test as TestFn, 'SQLite log', async (t) => {
  const path = join(temporaryFolder(t), 'log.sqlite');
  const log = openSqliteEventLog(path);
  return {
    log,
    reopen: async () => {
      await log.stop();
      return openSqliteEventLog(path);
    },
  };
});

test('SQLite log: appends issued together share one transaction', async (t) => {
  const log = openSqliteEventLog(join(temporaryFolder(t), 'log.sqlite'));
  const before = log.commits;
  await Promise.all([0, 1, 2, 3, 4].map((head) => log.append([event(`${head}`)], head)));
  t.is(log.commits - before, 1);
  t.deepEqual(await textsOf(log), ['0', '1', '2', '3', '4']);
  await log.stop();
});

test('SQLite log: a flipped byte is found and named corrupt', async (t) => {
  const path = join(temporaryFolder(t), 'log.sqlite');
  const log = openSqliteEventLog(path);
  await log.append([event('first needle'), event('second'), event('third')], 0);
  await log.stop();
  const file = readFileSync(path);
  const at = file.indexOf('first needle');
  t.true(at > 0);
  file[at] = (file[at] ?? 0) ^ 1;
  writeFileSync(path, file);
  const damaged = openSqliteEventLog(path);
  const error = await t.throwsAsync(textsOf(damaged), { instanceOf: EventLogError });
  t.is(error?.code, 'corrupt');
  t.regex(error?.message ?? '', /event 1 /);
  await damaged.stop();
});

test('SQLite log: damage of the last event is found on opening', async (t) => {
  const path = join(temporaryFolder(t), 'log.sqlite');
  const log = openSqliteEventLog(path);
  await log.append([event('first'), event('last needle')], 0);
  await log.stop();
  const file = readFileSync(path);
  const at = file.indexOf('last needle');
  file[at + 3] = (file[at + 3] ?? 0) ^ 0x80;
  writeFileSync(path, file);
  const error = t.throws(() => openSqliteEventLog(path), { instanceOf: EventLogError });
  t.is(error?.code, 'corrupt');
});

test('SQLite log: a file that is no database is named corrupt', (t) => {
  const path = join(temporaryFolder(t), 'log.sqlite');
  writeFileSync(path, 'not a database at all'.repeat(100));
  const error = t.throws(() => openSqliteEventLog(path), { instanceOf: EventLogError });
  t.is(error?.code, 'corrupt');
});

test('SQLite log: a second owner is refused while the first one lives', async (t) => {
  const path = join(temporaryFolder(t), 'log.sqlite');
  const log = openSqliteEventLog(path);
  const error = t.throws(() => openSqliteEventLog(path), { instanceOf: EventLogError });
  t.is(error?.code, 'storage');
  t.regex(error?.message ?? '', /in use/);
  await log.append([event('a')], 0);
  await log.stop();
  const second = openSqliteEventLog(path);
  t.is(await second.head(), 1);
  await second.stop();
});

test('SQLite log: kill -9 loses no acknowledged event', async (t) => {
  const path = join(temporaryFolder(t), 'log.sqlite');
  for (const count of [3, 41, 17]) {
    const acknowledged = await runUntilKilled('append-until-killed.ts', [path], count);
    const log = openSqliteEventLog(path);
    const texts = await textsOf(log);
    t.true(texts.length >= acknowledged, `${texts.length} of ${acknowledged} are there`);
    t.true(texts.every((text, i) => Number.parseInt(text, 10) === i + 1));
    await log.stop();
  }
});
