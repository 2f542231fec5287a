// Who a client of NATS servers is: an nkey, whose public half stands in the servers' configuration.

import { nkeys } from 'nats';

interface NatsUser {
  /** What proves it; the text of an `nkeyFile`. */
  readonly seed: string;
  /** What servers list as `nkey` of a user: `U` and 55 letters and digits. */
  readonly publicKey: string;
}

/** Makes a fresh user. */
export function createNatsUser(): NatsUser {
  const pair = nkeys.createUser();
  const seed = new TextDecoder().decode(pair.getSeed());
  const publicKey = pair.getPublicKey();
  pair.clear();
  return { seed, publicKey };
}
