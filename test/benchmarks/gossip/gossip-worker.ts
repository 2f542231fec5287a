// One site of the gossip benchmark: a libp2p bus in a process of its own, driven by its parent.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateTransportKey, openPayloadExchange, startLibp2pBus } from '@starling/adapters';
import { createIdentity, generateSeed } from '@starling/crypto';
import { ACCEPT, type MessageBus, transportIdSchema, type Verdict } from '@starling/shared';
import { inlineMessage, Messages, pulledMessage } from './messages.ts';
import type { Command, Load, Mark, Report, Site } from './protocol.ts';
import { seededBytes } from './seeded-bytes.ts';

const HELLO_PERIOD_MS = 100;

const { key } = await generateTransportKey();
const bus: MessageBus = await startLibp2pBus({
  privateKey: key,
  topicPrefix: 'benchmark',
  listen: ['/ip4/127.0.0.1/tcp/0'],
});
const identity = createIdentity(generateSeed());
const folder = mkdtempSync(join(tmpdir(), 'starling-bench-gossip-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const payloads = await openPayloadExchange({ bus, folder });

let self = 0;
let sites: readonly Site[] = [];
let messages = new Messages(identity, sites);
let load: Load | undefined;
let sent: Mark[] = [];
let received: Mark[] = [];
let cpuBefore = process.cpuUsage();

process.on('message', (command: Command) => {
  obey(command).catch(fail);
});
process.on('disconnect', () => process.exit(0));

tell({
  kind: 'started',
  site: {
    address: bus.addresses()[0] ?? '',
    transport: bus.self,
    member: identity.member,
    publicKeyBase64: Buffer.from(identity.publicKey).toString('base64'),
  },
});

async function obey(command: Command): Promise<void> {
  switch (command.kind) {
    case 'meet':
      ({ self, sites } = command);
      messages = new Messages(identity, sites);
      await meet();
      return tell({ kind: 'met' });
    case 'prepare':
      load = command.load;
      sent = [];
      received = [];
      await payloads.retain(new Set());
      cpuBefore = process.cpuUsage();
      return tell({ kind: 'prepared' });
    case 'send':
      await send();
      return tell({ kind: 'sent' });
    case 'collect':
      return tell({ kind: 'observed', observed: { sent, received, cpuMicros: cpuMicros() } });
    case 'stop':
      await bus.stop();
      process.disconnect();
  }
}

/** Connects to the sites before this one; done when every other site was heard on gossip. */
async function meet(): Promise<void> {
  const heard = new Set<string>();
  bus.subscribe('control', (bytes) => {
    heard.add(Buffer.from(bytes).toString().split(' ')[0] ?? '');
    return ACCEPT;
  });
  bus.subscribe('site', receive);
  for (const { address } of sites.slice(0, self)) await bus.connect(address);
  // The parent stops this site only when all were heard by all, so it goes on saying hello.
  const heardAll = Promise.withResolvers<void>();
  void (async () => {
    for (let hello = 0; load === undefined; hello++) {
      await bus.publish('control', Buffer.from(`${self} ${hello}`));
      if (heard.size === sites.length - 1) heardAll.resolve();
      await sleep(HELLO_PERIOD_MS);
    }
  })().catch(fail);
  await heardAll.promise;
}

async function send(): Promise<void> {
  if (load === undefined) throw new Error('send before prepare');
  for (let seq = 1; seq <= load.messages; seq++) {
    const content = seededBytes(load.payloadBytes, `${load.seed}:${self}:${seq}`);
    sent.push([`${self}:${seq}`, nowMs()]);
    await bus.publish('site', await sealed(load, content, seq));
    if (load.periodMs > 0) await sleep(load.periodMs);
  }
}

async function sealed({ contender, delivery }: Load, content: Uint8Array, seq: number) {
  if (delivery === 'inline') {
    return messages.seal(contender, inlineMessage, { content, origin: self, seq });
  }
  const payload = await payloads.offer(content);
  return messages.seal(contender, pulledMessage, { origin: self, payload, seq });
}

function receive(bytes: Uint8Array): Verdict {
  if (load === undefined) return ACCEPT;
  const { contender, delivery } = load;
  if (delivery === 'inline') {
    const { origin, seq } = messages.open(contender, inlineMessage, bytes);
    count(`${origin}:${seq}`);
  } else {
    const { origin, payload, seq } = messages.open(contender, pulledMessage, bytes);
    const from = transportIdSchema.parse(sites[origin]?.transport);
    const pulled = payloads.fetch(payload, { providers: [from] });
    pulled.then(() => count(`${origin}:${seq}`)).catch(fail);
  }
  return ACCEPT;
}

function count(name: string): void {
  received.push([name, nowMs()]);
  if (load === undefined) return;
  if (received.length === load.messages * (sites.length - 1)) tell({ kind: 'complete' });
}

/** Comparable between processes of one machine. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage(cpuBefore);
  return user + system;
}

function tell(report: Report): void {
  process.send?.(report);
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
