// The open connections of one libp2p node: who is there, who must go, and which one carries a stream.

import type { Connection, Stream } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import {
  ADMIT_CONNECTION,
  type BusConnection,
  BusError,
  type Cancel,
  type ConnectionId,
  type Logger,
  type TransportId,
} from '@starling/shared';
import type { Admissions, Ask } from './admission.ts';
import type { Libp2pNode } from './libp2p-node.ts';

export interface StreamOptions {
  readonly signal: AbortSignal;
  /** This connection or none. */
  readonly connection?: ConnectionId;
  readonly streamsMax: number;
}

export class Libp2pConnections {
  readonly #node: Libp2pNode;
  readonly #admissions: Admissions;
  readonly #logger: Logger;

  constructor(node: Libp2pNode, admissions: Admissions, logger: Logger) {
    this.#node = node;
    this.#admissions = admissions;
    this.#logger = logger;
    node.addEventListener('connection:close', ({ detail: { id, remotePeer } }) => {
      const peer = remotePeer.toString() as TransportId;
      admissions.closed(peer, id, this.#open(peer).length === 0);
    });
  }

  list(): readonly BusConnection[] {
    return this.#node.getConnections().filter(isOpen).map(named);
  }

  onChange(listener: () => void): Cancel {
    const onEvent = (): void => listener();
    for (const event of ['connection:open', 'connection:close'] as const) {
      this.#node.addEventListener(event, onEvent);
    }
    return () => {
      for (const event of ['connection:open', 'connection:close'] as const) {
        this.#node.removeEventListener(event, onEvent);
      }
    };
  }

  /** Closes what the rule does not admit any more. */
  closeRefused(): void {
    for (const connection of this.#node.getConnections()) {
      const { id, peer } = named(connection);
      if (this.#admissions.ask({ peer, use: ADMIT_CONNECTION, connection: id }) !== false) continue;
      this.#logger.info('connection closed: not admitted', { peer });
      connection.abort(new Error(`${peer} is not admitted`));
    }
  }

  /**
   * A stream to `to` over a connection that admits `use`, dialled if there is none; waits while the
   * answer is `later`.
   * @throws {BusError} `unreachable`, `request-failed`
   */
  async stream(
    to: TransportId,
    use: string,
    protocol: string,
    { connection, signal, streamsMax }: StreamOptions,
  ): Promise<Stream> {
    try {
      if (this.#open(to, connection).length === 0) {
        if (connection !== undefined) throw new Error(`${connection} is closed`);
        await this.#node.dial(peerIdFromString(to), { signal });
      }
      const ask: Ask = { peer: to, use, ...(connection === undefined ? {} : { connection }) };
      if (!(await this.#admissions.decided(ask, { signal }))) {
        throw new BusError('request-failed', `${to} is not admitted to ${use}`);
      }
      const carrier = this.#open(to, connection).find(({ id }) => {
        return this.#admissions.admits({ ...ask, connection: id });
      });
      if (carrier === undefined) throw new Error(`the connection to ${to} closed`);
      return await carrier.newStream(protocol, { signal, maxOutboundStreams: streamsMax });
    } catch (cause) {
      if (cause instanceof BusError) throw cause;
      if (cause instanceof Error && cause.name === 'UnsupportedProtocolError') {
        throw new BusError('request-failed', `${to} does not speak ${protocol}`, { cause });
      }
      throw new BusError('unreachable', `no stream ${protocol} to ${to}`, { cause });
    }
  }

  #open(peer: TransportId, connection?: ConnectionId): Connection[] {
    const open = this.#node.getConnections(peerIdFromString(peer)).filter(isOpen);
    return connection === undefined ? open : open.filter(({ id }) => id === connection);
  }
}

function isOpen({ status }: Connection): boolean {
  return status === 'open';
}

function named({ id, remotePeer, rtt }: Connection): BusConnection {
  return { id, peer: remotePeer.toString() as TransportId, rttMs: rtt };
}
