// A disk without a free byte: what cannot be kept fails by name, nothing that was acknowledged is
// lost, and with space again everything goes on.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createPinoLogger,
  MemoryNetwork,
  memoryChannelKey,
  openPayloadExchange,
  openSqliteEventLog,
  openSqlitePeerStore,
} from '@starling/adapters';
import test, { type ExecutionContext } from 'ava';
import { event } from '../contracts/event-log.contract.ts';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { SmallDisk, smallDiskObjection } from '../process/faults/small-disk.ts';

const MEGABYTES = 8;
const LARGE = 512 * 1024;

async function diskOf(t: ExecutionContext): Promise<SmallDisk> {
  const disk = await SmallDisk.mount(join(temporaryFolder(t), 'disk'), MEGABYTES);
  t.teardown(() => disk.unmount());
  return disk;
}

const objection = smallDiskObjection();
if (objection !== undefined) {
  test.skip(`full disk: ${objection}`, () => {});
} else {
  test('an event log on a full disk refuses by name, keeps what it has, and goes on', async (t) => {
    const disk = await diskOf(t);
    const log = openSqliteEventLog(join(disk.folder, 'events.sqlite'));
    t.teardown(() => log.stop());
    await log.append([event('acknowledged')], 0);
    disk.fill();
    const large = { ...event('too large'), payload: new Uint8Array(LARGE) };
    await t.throwsAsync(log.append([large], 1), { code: 'storage', message: /full/ });
    t.is(await log.head(), 1);
    disk.empty();
    t.is(await log.append([large], 1), 2);
  });

  test("a site's store on a full disk refuses by name and goes on", async (t) => {
    const disk = await diskOf(t);
    const store = openSqlitePeerStore(disk.folder);
    t.teardown(() => store.stop());
    const value = new Uint8Array(LARGE);
    await store.write([{ table: 'state', key: 'kept', value: Uint8Array.of(1) }]);
    disk.fill();
    const write = () => store.write([{ table: 'state', key: 'large', value }]);
    await t.throwsAsync(write(), { code: 'storage', message: /full/ });
    t.deepEqual(await store.get('state', 'kept'), Uint8Array.of(1));
    disk.empty();
    await write();
    t.deepEqual(await store.get('state', 'large'), value);
  });

  test('a payload that finds no space is refused by name, and none of it is served', async (t) => {
    const disk = await diskOf(t);
    const bus = new MemoryNetwork().join('site', memoryChannelKey('site'));
    const payloads = await openPayloadExchange({ bus, folder: join(disk.folder, 'payloads') });
    t.teardown(() => payloads.stop());
    const bytes = new Uint8Array(LARGE).fill(7);
    disk.fill();
    await t.throwsAsync(payloads.offer(bytes), { code: 'storage' });
    disk.empty();
    const ref = await payloads.offer(bytes);
    t.deepEqual(await payloads.fetch(ref, { providers: [] }), bytes);
  });

  test('a log file on a full disk loses lines, says so later, and stops nobody', async (t) => {
    const disk = await diskOf(t);
    const file = join(disk.folder, 'log.jsonl');
    const logger = createPinoLogger({ file });
    logger.info('before');
    disk.fill();
    for (let i = 0; i < 100; i++) logger.info('x'.repeat(200));
    disk.empty();
    logger.info('after');
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'));
    const told = lines.map((line) => JSON.parse(line) as { msg: string; lost?: number });
    t.is(told[0]?.msg, 'before');
    t.is(told.at(-1)?.msg, 'after');
    const { lost = 0 } = told.find(({ msg }) => msg.startsWith('lines were lost')) ?? {};
    t.true(lost > 0);
    t.is(told.filter(({ msg }) => msg.startsWith('x')).length, 100 - lost);
  });
}
