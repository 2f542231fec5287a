// Counts what a bus carries, by kind: `gossip:<topic>`, `request:<protocol>`, `answer:<protocol>`.
// Bytes are those of the messages; the channel's own framing comes on top.

import type {
  AdmissionRule,
  BusConnection,
  Cancel,
  GossipHandler,
  GossipTopic,
  HandlerOptions,
  MessageBus,
  Meter,
  RefusalReason,
  RequestHandler,
  RequestOptions,
  TransportId,
} from '@starling/shared';

/**
 * A bus with meters. Gossip counts as sent once per direct recipient; forwarding for others is done
 * below this and not seen.
 */
export class MeteredBus implements MessageBus {
  readonly #bus: MessageBus;
  readonly #meter: Meter;

  constructor(bus: MessageBus, meter: Meter) {
    this.#bus = bus;
    this.#meter = meter;
  }

  get self(): TransportId {
    return this.#bus.self;
  }

  addresses(): readonly string[] {
    return this.#bus.addresses();
  }

  connect(address: string, signal?: AbortSignal): Promise<TransportId> {
    return this.#bus.connect(address, signal);
  }

  connected(): readonly TransportId[] {
    return this.#bus.connected();
  }

  connections(): readonly BusConnection[] {
    return this.#bus.connections();
  }

  onConnectionChange(listener: () => void): Cancel {
    return this.#bus.onConnectionChange(() => {
      this.#meter.gauge('starling_bus_connections', this.#bus.connected().length);
      listener();
    });
  }

  meshPeers(): readonly TransportId[] {
    return this.#bus.meshPeers();
  }

  async publish(topic: GossipTopic, bytes: Uint8Array): Promise<number> {
    const recipients = await this.#bus.publish(topic, bytes);
    this.#sent(`gossip:${topic}`, bytes.byteLength, recipients);
    return recipients;
  }

  subscribe(topic: GossipTopic, handler: GossipHandler): Cancel {
    return this.#bus.subscribe(topic, async (bytes, from) => {
      this.#received(`gossip:${topic}`, bytes.byteLength);
      const verdict = await handler(bytes, from);
      if (verdict.kind !== 'accept') {
        const { kind, reason } = verdict;
        this.#meter.count('starling_bus_refused_total', 1, { topic, verdict: kind, reason });
      }
      return verdict;
    });
  }

  async request(
    to: TransportId,
    protocol: string,
    bytes: Uint8Array,
    options: RequestOptions,
  ): Promise<Uint8Array> {
    this.#sent(`request:${protocol}`, bytes.byteLength, 1);
    const answer = await this.#bus.request(to, protocol, bytes, options);
    this.#received(`answer:${protocol}`, answer.byteLength);
    return answer;
  }

  handle(protocol: string, handler: RequestHandler, options: HandlerOptions): Cancel {
    const metered: RequestHandler = async (bytes, from, connection) => {
      this.#received(`request:${protocol}`, bytes.byteLength);
      const answer = await handler(bytes, from, connection);
      this.#sent(`answer:${protocol}`, answer.byteLength, 1);
      return answer;
    };
    return this.#bus.handle(protocol, metered, options);
  }

  admitOnly(rule: AdmissionRule): void {
    this.#bus.admitOnly(rule);
  }

  penalise(peer: TransportId, reason: RefusalReason): void {
    this.#meter.count('starling_bus_penalties_total', 1, { reason });
    this.#bus.penalise(peer, reason);
  }

  stop(): Promise<void> {
    return this.#bus.stop();
  }

  #sent(kind: string, bytes: number, times: number): void {
    this.#meter.count('starling_bus_sent_total', times, { kind });
    this.#meter.count('starling_bus_sent_bytes_total', bytes * times, { kind });
  }

  #received(kind: string, bytes: number): void {
    this.#meter.count('starling_bus_received_total', 1, { kind });
    this.#meter.count('starling_bus_received_bytes_total', bytes, { kind });
  }
}
