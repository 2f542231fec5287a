// What every lease promises, whatever register it lies in.

import type { LeaseRegister } from '@starling/adapters';
import type { TestFn } from 'ava';

/** @param open the register that all with this name share */
export function leaseRegisterContract(
  test: TestFn,
  name: string,
  open: (shared: string) => Promise<LeaseRegister>,
): void {
  const record = (holder: string, atMs = 1) => ({ holder, atMs });

  test(`${name}: nothing is there before something was written`, async (t) => {
    const register = await open('empty');
    t.is(await register.read(), undefined);
    await register.stop();
  });

  test(`${name}: a write needs the newest revision, and each gets a higher one`, async (t) => {
    const register = await open('revisions');
    const first = (await register.write(record('a'), 0)) ?? 0;
    t.true(first > 0);
    t.is(await register.write(record('b'), 0), undefined);
    t.deepEqual(await register.read(), { ...record('a'), revision: first });
    const second = (await register.write(record('b', 2), first)) ?? 0;
    t.true(second > first);
    t.is(await register.write(record('a'), first), undefined);
    t.deepEqual(await register.read(), { ...record('b', 2), revision: second });
    await register.stop();
  });

  test(`${name}: of writers that know the same revision exactly one wins`, async (t) => {
    const names = ['a', 'b', 'c', 'd'];
    const registers = await Promise.all(names.map(() => open('race')));
    const writes = registers.map((each, i) => each.write(record(names[i] ?? ''), 0));
    const won = (await Promise.all(writes)).filter((revision) => revision !== undefined);
    t.is(won.length, 1);
    t.is((await registers[0]?.read())?.revision, won[0]);
    await Promise.all(registers.map((each) => each.stop()));
  });
}
