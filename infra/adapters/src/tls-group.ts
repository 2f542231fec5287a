// TLS 1.3 with one key exchange only: X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem), so that what is
// recorded today stays closed to a quantum computer. OpenSSL 3.5 of Node 24 speaks it.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { BusError } from '@starling/shared';

export const TLS_GROUP = 'X25519MLKEM768';
/** A loopback handshake that takes longer has failed. */
const HANDSHAKE_TIMEOUT_MS = 5000;

/** Makes {@link TLS_GROUP} the only group of every TLS socket this process opens from now on. */
export function restrictTlsGroups(): void {
  tls.DEFAULT_ECDH_CURVE = TLS_GROUP;
}

/** The group of an open client socket, as OpenSSL names it. */
export function groupOf(socket: TLSSocket): string {
  const info = socket.getEphemeralKeyInfo();
  return info !== null && 'name' in info && typeof info.name === 'string' ? info.name : 'unknown';
}

/**
 * Makes a TLS handshake over loopback with the bus's setting and says which group it agreed on.
 * @throws {BusError} `unreachable` when this runtime cannot make that handshake.
 */
export async function negotiatedTlsGroup(): Promise<string> {
  restrictTlsGroups();
  const signal = AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS);
  // An anonymous pre-shared key needs no certificate; the key exchange is the same.
  const psk = Buffer.alloc(32, 7);
  const common = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const;
  const server = tls.createServer({ ...common, pskCallback: () => psk });
  server.on('tlsClientError', () => undefined);
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening', { signal });
    const { port } = server.address() as AddressInfo;
    const client = tls.connect({
      ...common,
      host: '127.0.0.1',
      port,
      pskCallback: () => ({ psk, identity: 'doctor' }),
      checkServerIdentity: () => undefined,
    });
    try {
      await once(client, 'secureConnect', { signal });
      return groupOf(client);
    } finally {
      client.destroy();
    }
  } catch (cause) {
    throw new BusError('unreachable', `no TLS handshake with ${TLS_GROUP}: use Node >= 24.12`, {
      cause,
    });
  } finally {
    server.close();
  }
}
