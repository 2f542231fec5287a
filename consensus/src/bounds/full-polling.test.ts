import test from 'ava';
import { fullPollFor, isFullPollSafe } from './full-polling.ts';

interface Setting {
  readonly n: number;
  readonly faulty: number;
  readonly alphaPreference: number;
  readonly alphaConfidence: number;
}

/** Honest peers that prefer A, that finalised A, that finalised B; the others prefer B. */
type State = readonly [number, number, number];

test('the closed form agrees with a search of all states of up to seven peers', (t) => {
  let settings = 0;
  let unsafe = 0;
  for (const setting of allSettings(7)) {
    settings++;
    const isSafe = !canDisagree(setting);
    if (!isSafe) unsafe++;
    t.is(isFullPollSafe(setting), isSafe, JSON.stringify(setting));
  }
  t.true(settings >= 63 && unsafe >= 10, `${unsafe} of ${settings}`);
});

test('a quarter of corrupt peers is tolerated, and cannot block by silence', (t) => {
  for (let n = 3; n <= 300; n++) {
    const full = fullPollFor(n);
    t.true(isFullPollSafe({ n, ...full }), `${n}`);
    t.true(n - full.faulty >= full.alphaConfidence, `${n} is blocked`);
  }
});

test('the thresholds of a full poll are those of the table', (t) => {
  const table = [
    [3, 0, 2, 2],
    [4, 1, 3, 3],
    [5, 1, 3, 4],
    [6, 1, 4, 4],
    [7, 1, 4, 5],
    [10, 2, 6, 7],
    [13, 3, 7, 10],
    [16, 4, 9, 12],
    [20, 5, 11, 15],
    [25, 6, 13, 19],
    [30, 7, 16, 22],
  ] as const;
  for (const [n, faulty, alphaPreference, alphaConfidence] of table) {
    t.deepEqual(fullPollFor(n), { faulty, alphaPreference, alphaConfidence });
  }
});

function* allSettings(nMax: number): Iterable<Setting> {
  for (let n = 1; n <= nMax; n++) {
    for (let faulty = 0; faulty <= (n - 1) / 2; faulty++) {
      for (let alphaPreference = Math.floor(n / 2) + 1; alphaPreference <= n; alphaPreference++) {
        for (let alphaConfidence = alphaPreference; alphaConfidence <= n; alphaConfidence++) {
          yield { n, faulty, alphaPreference, alphaConfidence };
        }
      }
    }
  }
}

/** Whether liars can make A and B both final, with β = 1, from some split. */
function canDisagree(setting: Setting): boolean {
  const honest = setting.n - setting.faulty;
  const waiting: State[] = [];
  const seen = new Set<string>();
  const visit = (state: State): void => {
    const name = state.join();
    if (!seen.has(name)) waiting.push(state);
    seen.add(name);
  };
  for (let preferring = 0; preferring <= honest; preferring++) visit([preferring, 0, 0]);
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    if (state[1] > 0 && state[2] > 0) return true;
    for (const next of successors(setting, state)) visit(next);
  }
  return false;
}

/** Every way in which the polls of one round can end: each liar answers each poller as it likes. */
function* successors(setting: Setting, [preferring, finalA, finalB]: State): Iterable<State> {
  const { alphaConfidence, alphaPreference, faulty, n } = setting;
  const honest = n - faulty;
  const forA = preferring + finalA;
  const forB = honest - forA;
  const can = {
    switchToA: forA + faulty >= alphaPreference,
    switchToB: forB + faulty >= alphaPreference,
    finaliseA: forA + faulty >= alphaConfidence,
    finaliseB: forB + faulty >= alphaConfidence,
    // The honest answers alone may already leave no poll without a majority.
    stayA: forB < alphaPreference,
    stayB: forA < alphaPreference,
  };
  const active = honest - finalA - finalB;
  const activeB = active - preferring;
  for (let a = 0; a <= active; a++) {
    for (let moreA = 0; moreA <= (can.finaliseA ? active - a : 0); moreA++) {
      for (let moreB = 0; moreB <= (can.finaliseB ? active - a - moreA : 0); moreB++) {
        const b = active - a - moreA - moreB;
        const leftA = a + moreA;
        if (leftA > preferring && !can.switchToA) continue;
        if (b + moreB > activeB && !can.switchToB) continue;
        if (!can.switchToA && !can.stayA && a > 0) continue;
        if (!can.switchToB && !can.stayB && b > 0) continue;
        yield [a, finalA + moreA, finalB + moreB];
      }
    }
  }
}
