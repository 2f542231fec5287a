// Tokens of the operator API. A token is printed once and kept nowhere.

import {
  createToken,
  describeTokens,
  ROLES,
  type Role,
  revokeToken,
  type TokenView,
} from '@starling/runtime';
import { Command, InvalidArgumentError, Option } from 'commander';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print, table } from '../output.ts';

interface TokenOptions {
  readonly home: string;
  readonly format: Format;
}

interface CreateOptions extends TokenOptions {
  readonly name: string;
  readonly role: Role;
  readonly expires?: number;
}

const UNITS_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000 };
const EXAMPLE = '\nExample:\n  $ starling token create --role read --name grafana --expires 90d';

export function tokenCommand(): Command {
  const token = new Command('token')
    .description("Who may ask a coordinator's operator API.")
    .addHelpText('after', EXAMPLE);
  for (const command of [createCommand(), listCommand(), revokeCommand()]) {
    token.addCommand(command);
  }
  return token;
}

function createCommand(): Command {
  return new Command('create')
    .description('Make a token. It is shown this once: the folder keeps its digest only.')
    .addOption(
      new Option('--role <role>', 'read: see everything; operate: plan rounds; admin: members')
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .requiredOption('--name <name>', 'what the log calls whoever uses it')
    .option('--expires <time>', 'such as 90d, 12h or 30m (default: never)', durationMs)
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', EXAMPLE)
    .action(async ({ expires, format, home, name, role }: CreateOptions) => {
      const nowMs = Date.now();
      const expiresAtMs = expires === undefined ? null : nowMs + expires;
      const token = await createToken(home, { expiresAtMs, name, nowMs, role });
      print(format, { expiresAtMs, name, role, token }, () => token);
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('Names, roles and ends of all tokens.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling token list --home ./coordinator')
    .action(async ({ format, home }: TokenOptions) => {
      const tokens = await describeTokens(home, Date.now());
      print(format, tokens, () => table(['name', 'role', 'made', 'expires'], tokens.map(rowOf)));
    });
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('Refuse a token from now on; a running coordinator obeys at once.')
    .argument('<name>', 'name of the token')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling token revoke grafana --home ./coordinator')
    .action(async (name: string, { format, home }: TokenOptions) => {
      await revokeToken(home, name);
      print(format, { revoked: name }, () => `${name} is revoked`);
    });
}

function rowOf({ createdAtMs, expired, expiresAtMs, name, role }: TokenView): string[] {
  const end = expiresAtMs === null ? 'never' : new Date(expiresAtMs).toISOString();
  return [name, role, new Date(createdAtMs).toISOString(), expired ? `EXPIRED ${end}` : end];
}

function durationMs(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([dhm])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit ?? ''];
  if (unitMs !== undefined) return Number(count) * unitMs;
  throw new InvalidArgumentError('It must be such as 90d, 12h or 30m.');
}
