// The public face of @starling/adapters.

export { GOSSIP_BYTES_MAX, REQUEST_TIMEOUT_MS } from './bus-limits.ts';
export { LEASE_MS_MIN, LeaseLeadership, type LeaseOptions } from './lease/lease-leadership.ts';
export {
  type LeaseRecord,
  type LeaseRegister,
  MemoryLeaseRegister,
} from './lease/lease-register.ts';
export { type Libp2pBus, type Libp2pBusOptions, startLibp2pBus } from './libp2p-bus.ts';
export { LIBP2P_LIMITS, type Libp2pLimits } from './libp2p-node.ts';
export { MANUAL_CLOCK_START_MS, ManualClock } from './manual-clock.ts';
export type { MemoryBus } from './memory-bus.ts';
export { MemoryEventLog } from './memory-event-log.ts';
export {
  MemoryNetwork,
  type MemoryNetworkOptions,
  memoryChannelKey,
  memoryTransportId,
} from './memory-network.ts';
export { MemoryPeerStore } from './memory-peer-store.ts';
export { MemorySnapshots } from './memory-snapshots.ts';
export { MeteredBus } from './metered-bus.ts';
export type { NatsOptions } from './nats/connect-nats.ts';
export {
  type NatsEventLog,
  type NatsEventLogOptions,
  natsLogState,
  openNatsEventLog,
} from './nats/nats-event-log.ts';
export { openNatsLeadership, openNatsLeaseRegister } from './nats/nats-lease.ts';
export { type NatsPayloads, openNatsPayloads } from './nats/nats-payloads.ts';
export { openNatsSnapshots } from './nats/nats-snapshots.ts';
export { createNatsUser } from './nats/nats-user.ts';
export {
  type BusPayloadExchange,
  openPayloadExchange,
  PAYLOAD_EXCHANGE_DEFAULTS,
  type PayloadExchangeDependencies,
  type PayloadExchangeOptions,
} from './payload-exchange.ts';
export { PayloadFolder } from './payload-folder.ts';
export {
  createPinoLogger,
  LOG_LEVELS,
  type LogLevel,
  type PinoLoggerOptions,
} from './pino-logger.ts';
export { type MetricSample, PrometheusMeter } from './prometheus-meter.ts';
export {
  type KeepConnectedDependencies,
  keepConnected,
  RECONNECT_DEFAULTS,
  type ReconnectOptions,
} from './reconnect.ts';
export { openSqliteEventLog, type SqliteEventLog } from './sqlite-event-log.ts';
export { openSqlitePeerStore, PEER_STORE_FILE, type SqlitePeerStore } from './sqlite-peer-store.ts';
export { openSqliteSnapshots } from './sqlite-snapshots.ts';
export { SystemClock } from './system-clock.ts';
export { negotiatedTlsGroup, TLS_GROUP } from './tls-group.ts';
export {
  channelKeyOf,
  generateTransportKey,
  type TransportKey,
  transportIdOf,
} from './transport-key.ts';
