// The adapters that a peer and a coordinator share, opened over one site folder.

import { join } from 'node:path';
import {
  createPinoLogger,
  MeteredBus,
  openPayloadExchange,
  PrometheusMeter,
  SystemClock,
  startLibp2pBus,
} from '@starling/adapters';
import type { ChannelKey, Identity } from '@starling/crypto';
import type {
  Clock,
  FederationId,
  LogFields,
  Logger,
  MessageBus,
  Meter,
  PayloadExchange,
} from '@starling/shared';
import type { SiteFolder } from './site-folder.ts';

export interface World {
  readonly bus: MessageBus;
  readonly channelKey: ChannelKey;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly logger: Logger;
  readonly meter: PrometheusMeter;
  readonly payloads: PayloadExchange;
  /** From now on each line of the log names this round; none while it is 0. */
  followRound(roundOf: () => number): void;
  stop(): Promise<void>;
}

/** Starts listening and opens the payload folder. @throws when the port is taken */
export async function openWorld(folder: SiteFolder, federation: FederationId): Promise<World> {
  const { config, home, transportKey } = folder;
  const name = config.role === 'peer' ? config.site : 'coordinator';
  const meter = new PrometheusMeter({ site: name });
  let roundOf = () => 0;
  const logger = createPinoLogger({
    level: config.logLevel,
    file: join(home, 'log.jsonl'),
    fields: { site: name, peer: folder.identity.member },
    changing: (): LogFields => {
      const round = roundOf();
      return round === 0 ? {} : { round };
    },
  });
  const libp2p = await startLibp2pBus({
    privateKey: transportKey,
    topicPrefix: federation.slice(0, 16),
    listen: config.listen,
    announce: config.announce,
    logger,
  });
  const bus = new MeteredBus(libp2p, meter);
  const payloads = await openPayloadExchange({
    bus,
    folder: join(home, 'payloads'),
    logger,
    meter,
  });
  return {
    bus,
    channelKey: folder.channelKey,
    clock: new SystemClock({ offsetMs: config.clockOffsetMs }),
    identity: meteredIdentity(folder.identity, meter),
    logger,
    meter,
    payloads,
    followRound: (of) => {
      roundOf = of;
    },
    stop: async () => {
      await payloads.stop();
      await bus.stop();
    },
  };
}

/** Counts every signature that this member makes. */
function meteredIdentity(identity: Identity, meter: Meter): Identity {
  return {
    ...identity,
    sign: (message, context) => {
      meter.count('starling_crypto_signatures_total', 1, { context });
      return identity.sign(message, context);
    },
  };
}
