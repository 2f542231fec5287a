// What a site does with its own account: the order is signed in its process and sent from there.

import {
  type OrderRequest,
  type OrderView,
  type OwnAccountView,
  openRunningSite,
  RuntimeError,
} from '@starling/runtime';
import { Command, Option } from 'commander';
import { homeOption } from '../../home.ts';
import { type Format, formatOption, print, table } from '../../output.ts';
import { wholeNumber } from '../../whole-number.ts';

const HOURS_MAX = 24;
const WAIT_SECONDS_MAX = 120;
const amount = wholeNumber(1, Number.MAX_SAFE_INTEGER);

interface OrderOptions {
  readonly home: string;
  readonly format: Format;
  readonly wait: number;
  readonly hours: number;
}

export function transferCommand(): Command {
  return order(
    new Command('transfer')
      .description("From this site's free balance to another site's; waits for the outcome.")
      .argument('<to>', 'name of the site, or the first 8 digits of its member id')
      .argument('<amount>', 'whole units', amount)
      .option('--memo <text>', 'for people; everyone who holds the log reads it', '')
      .option(
        '--fee-max <units>',
        'the most it may cost; the present fee when absent',
        wholeNumber(0, Number.MAX_SAFE_INTEGER),
      )
      .addHelpText('after', '\nExample:\n  $ starling ledger transfer south 25 --home ./north'),
  ).action(
    async (
      to: string,
      units: number,
      options: OrderOptions & { memo: string; feeMax?: number },
    ) => {
      const { feeMax, memo } = options;
      const fee = feeMax === undefined ? {} : { feeMax };
      await give({ kind: 'transfer', amount: units, memo, to, ...fee, ...times(options) }, options);
    },
  );
}

export function stakeCommand(kind: 'stake' | 'unstake'): Command {
  const description =
    kind === 'stake'
      ? "From this site's free balance to its stake, which answers for proven faults."
      : 'Back from the stake; free after as many epochs as the rules say.';
  return order(
    new Command(kind)
      .description(description)
      .argument('<amount>', 'whole units', amount)
      .addHelpText('after', `\nExample:\n  $ starling ledger ${kind} 100 --home ./north`),
  ).action(async (units: number, options: OrderOptions) => {
    await give({ kind, amount: units, ...times(options) }, options);
  });
}

export function accountCommand(): Command {
  return new Command('account')
    .description("This site's own account, as the coordinator says, and its newest order.")
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling ledger account --home ./north')
    .action(async ({ format, home }: Pick<OrderOptions, 'format' | 'home'>) => {
      const client = await openRunningSite(home);
      const view = await client.ask<OwnAccountView>('peer', '/ledger/account');
      print(format, view, () => describeAccount(view));
    });
}

function order(command: Command): Command {
  return command
    .addOption(
      new Option('--wait <seconds>', 'how long to wait for the outcome')
        .default(30)
        .argParser(wholeNumber(0, WAIT_SECONDS_MAX)),
    )
    .addOption(
      new Option('--hours <hours>', 'how long the order is good for')
        .default(1)
        .argParser(wholeNumber(1, HOURS_MAX)),
    )
    .addOption(homeOption())
    .addOption(formatOption());
}

function times({ hours, wait }: OrderOptions) {
  // A little less than the most: clocks differ.
  return { lifeMs: hours * 3_600_000 - 60_000, waitMs: wait * 1_000 };
}

async function give(request: OrderRequest, { format, home, wait }: OrderOptions): Promise<void> {
  const client = await openRunningSite(home);
  const timeoutMs = request.waitMs + 30_000;
  const view = await client.ask<OrderView>('peer', '/ledger/orders', request, timeoutMs);
  const what = `order ${view.sequence} (${view.kind} of ${view.amount})`;
  if (view.state === 'refused') {
    throw new RuntimeError('request-refused', `${what} is refused, ${view.reason}: ${view.detail}`);
  }
  if (view.state === 'waiting') {
    const next = `it goes on by itself; see "starling ledger account --home ${home}"`;
    const until = new Date(view.expiresAtMs).toISOString();
    const message = `${what} has no outcome after ${wait} s: the site sends it until ${until}, do not give it again; ${next}`;
    throw new RuntimeError('timeout', message);
  }
  print(format, view, () => `${what} is carried out: event ${view.event}`);
}

function describeAccount({ account, order: newest, site }: OwnAccountView): string {
  const lines =
    account === null
      ? ['the coordinator cannot be reached: no balance']
      : [
          table(
            [site, 'units'],
            [
              ['free', String(account.free)],
              ['stake', String(account.stake)],
              ['locked', String(account.escrow)],
              ['unbonding', String(account.unbonding)],
            ],
          ),
          `epoch ${account.epoch}, a transfer costs ${account.transferFee}`,
        ];
  if (newest === null) return [...lines, 'no order yet'].join('\n');
  const { amount: units, detail, kind, reason, sequence, state } = newest;
  const why = reason === null ? detail : `${reason}: ${detail}`;
  return [...lines, `order ${sequence} (${kind} of ${units}): ${state}, ${why}`].join('\n');
}
