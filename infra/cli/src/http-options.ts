// Where the API for operators on other machines shall listen.

import type { HttpInput, HttpOverride } from '@starling/runtime';
import { RuntimeError } from '@starling/runtime';
import type { Command } from 'commander';

export interface HttpArguments {
  readonly http?: string;
  readonly httpCert?: string;
  readonly httpKey?: string;
  readonly httpInsecure?: true;
}

/** Adds every option of the API to a command that founds a federation. */
export function withHttpOptions(command: Command): Command {
  return withHttpOverride(command)
    .option('--http-cert <file>', 'its certificate with chain, PEM; turns TLS on')
    .option('--http-key <file>', "the certificate's key, PEM, readable by you alone");
}

/** Adds what a start may say instead of the config. */
export function withHttpOverride(command: Command): Command {
  return command
    .option('--http <host:port>', 'serve operators on other machines there')
    .option('--http-insecure', 'let their tokens cross the network without TLS');
}

/** @throws {RuntimeError} `invalid-option` for an option that has nothing to go with */
export function httpFromOptions(given: HttpArguments): HttpInput | undefined {
  const { http, httpCert, httpInsecure, httpKey } = given;
  if ((httpCert === undefined) !== (httpKey === undefined)) {
    throw new RuntimeError('invalid-option', '--http-cert and --http-key go together');
  }
  if (http === undefined) {
    if (httpCert === undefined && httpInsecure === undefined) return undefined;
    const message = '--http-cert, --http-key and --http-insecure go with --http';
    throw new RuntimeError('invalid-option', message);
  }
  return {
    insecure: httpInsecure === true,
    listen: http,
    tls: httpCert === undefined || httpKey === undefined ? null : { cert: httpCert, key: httpKey },
  };
}

export function httpOverrideFrom({ http, httpInsecure }: HttpArguments): HttpOverride {
  return { insecure: httpInsecure, listen: http };
}
