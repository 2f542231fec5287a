// `starling run --federation`: rounds of an app at real sites.

import {
  type AppFolder,
  type FederatedRound,
  planFederatedRun,
  stopSignal,
  watchFederatedRun,
} from '@starling/runtime';
import { EXIT } from './exit-codes.ts';
import { type Format, print } from './output.ts';
import { coverageText, missingText } from './round-text.ts';
import { type SettingOptions, settingsOf } from './run-options.ts';

const ROUNDS_DEFAULT = 3;

interface FederationOptions extends SettingOptions {
  readonly home: string;
  readonly format: Format;
  readonly stream?: true;
}

/** Plans the app's rounds at the running coordinator, and with `--stream` watches them. */
export async function runOnFederation(app: AppFolder, options: FederationOptions): Promise<number> {
  const { format, home } = options;
  const asked = settingsOf(app, options).runConfig['num-server-rounds'];
  const rounds = typeof asked === 'number' ? asked : ROUNDS_DEFAULT;
  const planned = await planFederatedRun(home, app, rounds);
  if (options.stream !== true) {
    print(format, planned, () => {
      const { first, last } = planned;
      return `rounds ${first} to ${last} are planned: starling round list --home ${home}`;
    });
    return EXIT.ok;
  }
  const closed: FederatedRound[] = [];
  const watched = watchFederatedRun(home, planned, stopSignal());
  let next = await watched.next();
  for (; next.done !== true; next = await watched.next()) {
    const round = next.value;
    closed.push(round);
    if (format === 'text') print(format, round, () => describe(round));
  }
  const stopped = next.value ?? null;
  if (format === 'text' && stopped !== null)
    print(format, stopped, () => `ended early: ${stopped}`);
  const hasFailed = closed.some(({ phase }) => phase === 'failed');
  if (format === 'json') print(format, { ...planned, rounds: closed, stopped }, () => '');
  return hasFailed ? EXIT.runFailed : EXIT.ok;
}

function describe(round: FederatedRound): string {
  const { coverage, examples, failure, lossLastMicros, missing, withdrawals } = round;
  const out = missing.map((each) => {
    const why = withdrawals.find(({ member }) => member === each.member)?.text;
    return `${each.member.slice(0, 8)} ${why ?? missingText(each)}`;
  });
  const rest = out.length === 0 ? '' : `; missing: ${out.join(', ')}`;
  if (failure !== null) return `round ${round.round} failed: ${failure}${rest}`;
  const loss = (lossLastMicros / 1e6).toFixed(4);
  const sites = coverageText(coverage);
  return `round ${round.round}: ${sites}; ${examples} examples, loss ${loss}${rest}`;
}
