import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';

function bench(...args: readonly string[]) {
  const runner = join(import.meta.dirname, 'bench.ts');
  return spawnSync(process.execPath, [runner, ...args], { encoding: 'utf8' });
}

test('without a name, the benchmarks are listed with what they measure', (t) => {
  const { status, stdout } = bench();
  t.is(status, 0);
  t.regex(stdout, /^demo +seconds of each phase/m);
  t.regex(stdout, /^gossip +/m);
});

test('an unknown benchmark or option is named, with what there is', (t) => {
  const unknown = bench('gosip');
  t.is(unknown.status, 2);
  t.regex(unknown.stderr, /no benchmark "gosip"; there are .*gossip/);
  for (const args of [['--fast'], ['gossip', '--seed', '-1'], ['gossip', 'demo']]) {
    const refused = bench(...args);
    t.is(refused.status, 2, args.join(' '));
    t.regex(refused.stderr, /usage: pnpm bench/);
  }
});

test('a case or a plot that a benchmark does not have is refused, with what it has', (t) => {
  const refusals = [
    [['index', '--case', 'mnist-785'], /index has no case "mnist-785"; there are mnist-784, /],
    [['gossip', '--case', 'mnist-784'], /gossip takes no --case/],
    [['gossip', '--plot', 'pictures'], /gossip draws no --plot/],
    [['gossip', '--seeds', '3'], /gossip takes no --seeds/],
    [['fl', 'heart', '--seeds', '0'], /--seeds takes a whole number from 1 to 1000/],
    [['fl'], /fl which\? There are .*heart/],
    [['fl', 'hart'], /fl has no "hart"; there are .*heart/],
  ] as const;
  for (const [args, message] of refusals) {
    const { status, stderr } = bench(...args);
    t.is(status, 2, args.join(' '));
    t.regex(stderr, message);
  }
});
