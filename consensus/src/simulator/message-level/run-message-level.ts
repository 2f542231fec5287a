// One run of a cluster at message level, from one seed: discrete events, nothing else.

import type { Digest } from '@starling/shared';
import type { SimplexConfig } from '../../simplex/config.ts';
import type { BlockHeader } from '../../simplex/vote.ts';
import type { Xoshiro128 } from '../xoshiro.ts';
import { ByzantineNode } from './byzantine-node.ts';
import { Conspiracy } from './conspiracy.ts';
import { EventWheel } from './event-wheel.ts';
import type { Message } from './message.ts';
import { Network } from './network.ts';
import { digestOfRun, type MessageLevelOutcome, violationsAmong } from './outcome.ts';
import { crashedOf, sidesOf } from './planned-outage.ts';
import { sample } from './sample.ts';
import { type Mail, SimplexNode, type SimulatedNode } from './simplex-node.ts';
import { assertMessageLevelSpec, MESSAGE_LEVEL_DEFAULTS, type MessageLevelSpec } from './spec.ts';
import { TwinNode } from './twin-node.ts';

const ROOT: BlockHeader = Object.freeze({
  id: 'root' as Digest,
  view: 0,
  height: 0,
  parent: 'nothing' as Digest,
  parentView: 0,
  leader: 0,
});
const wheel = new EventWheel<Message>();

/**
 * Runs one cluster until every honest member decided `heights` blocks, or the time is over. Missing
 * fields of the specification are the defaults.
 * @throws {RangeError} naming the inequality that the specification violates.
 */
export function runMessageLevel(partial: Partial<MessageLevelSpec>): MessageLevelOutcome {
  const spec: MessageLevelSpec = { ...MESSAGE_LEVEL_DEFAULTS, ...partial };
  assertMessageLevelSpec(spec);
  wheel.reset();
  const cluster = buildCluster(spec);
  const { network, honest } = cluster;
  planFaults(spec, cluster);
  for (const node of cluster.nodes) node?.start(0);
  const events = runEvents(spec, cluster);
  const decided = honest.map(({ index, store }) => ({
    member: index,
    decisions: store.decisions,
  }));
  const undecided = honest.filter(({ decidedHeight }) => decidedHeight < spec.heights);
  return {
    seed: spec.seed,
    members: spec.members,
    byzantine: cluster.byzantine,
    decided,
    violations: violationsAmong(decided),
    undecided: undecided.map(({ index }) => index),
    messages: network.messages,
    bytes: network.bytes,
    events,
    evidence: honest.reduce((sum, { evidence }) => sum + evidence, 0),
    simulatedMs: wheel.nowMs,
    digest: digestOfRun(decided, network.messages),
  };
}

interface Cluster {
  readonly network: Network;
  /** By member; undefined where a silent one stands. */
  readonly nodes: readonly (SimulatedNode | undefined)[];
  readonly honest: readonly SimplexNode[];
  readonly byzantine: readonly number[];
}

function buildCluster(spec: MessageLevelSpec): Cluster {
  const { members } = spec;
  const network = new Network(spec, wheel);
  const { random } = network;
  const shuffled = sample(random, members, members);
  const byzantine = shuffled.slice(0, spec.byzantine).sort((a, b) => a - b);
  const others = shuffled.slice(spec.byzantine);
  network.slowDown(others.slice(others.length - spec.slow), spec.slowFactor);
  const conspiracy = new Conspiracy(members, new Set(byzantine), random);
  const proposers = new Set(others.slice(0, spec.proposers));
  const mail = mailOf(network, random);
  const config = configOf(spec);
  const honest: SimplexNode[] = [];
  const nodes = Array.from({ length: members }, (_, self): SimulatedNode | undefined => {
    if (!conspiracy.members.has(self)) {
      const candidate = proposers.has(self) ? self : undefined;
      const node = new SimplexNode({ ...config, self }, spec, { mail, candidate });
      honest.push(node);
      return node;
    }
    if (spec.adversary === 'silent') return undefined;
    const parts = { spec, mail, conspiracy };
    if (spec.adversary === 'twin') return new TwinNode({ ...config, self }, parts);
    return new ByzantineNode(self, config, parts);
  });
  return { network, nodes, honest, byzantine };
}

function runEvents(spec: MessageLevelSpec, { network, nodes, honest }: Cluster): number {
  let events = 0;
  for (;;) {
    const message = wheel.pop(spec.limitMs);
    if (message === undefined) return events;
    events += 1;
    if (message.kind === 'partition') network.partition(message.body);
    else nodes[wheel.target]?.receive(message, wheel.nowMs);
    if (events % spec.members !== 0) continue;
    if (honest.every(({ decidedHeight }) => decidedHeight >= spec.heights)) return events;
  }
}

function planFaults(spec: MessageLevelSpec, { network, honest }: Cluster): void {
  const { random } = network;
  const { crash, partition } = spec;
  if (crash !== undefined) {
    const indices = honest.map(({ index }) => index);
    for (const index of crashedOf(random, indices, crash)) {
      network.plan(crash.from, index, { kind: 'crash', from: 0, body: undefined });
      network.plan(crash.until, index, { kind: 'restart', from: 0, body: undefined });
    }
  }
  if (partition !== undefined) {
    const body = sidesOf(random, spec.members, partition);
    network.plan(partition.from, 0, { kind: 'partition', from: 0, body });
    network.plan(partition.until, 0, { kind: 'partition', from: 0, body: undefined });
  }
  for (let i = 0; i < spec.crashes; i++) {
    const node = honest[random.below(honest.length)];
    if (node === undefined) continue;
    const atMs = random.nextUnit() * spec.faultsWithinMs;
    const untilMs = atMs + random.nextUnit() * spec.faultMsMax;
    network.plan(atMs, node.index, { kind: 'crash', from: 0, body: undefined });
    network.plan(untilMs, node.index, { kind: 'restart', from: 0, body: undefined });
  }
  for (let i = 0; i < spec.partitions; i++) {
    const body = Uint8Array.from({ length: spec.members }, () => random.below(2));
    const atMs = random.nextUnit() * spec.faultsWithinMs;
    const untilMs = atMs + random.nextUnit() * spec.faultMsMax;
    network.plan(atMs, 0, { kind: 'partition', from: 0, body });
    network.plan(untilMs, 0, { kind: 'partition', from: 0, body: undefined });
  }
}

function configOf(spec: MessageLevelSpec): SimplexConfig {
  const { members, weights, viewMs, repeatMs } = spec;
  return {
    members,
    ...(weights === undefined ? {} : { weights }),
    self: undefined,
    leaderSeed: spec.seed,
    root: ROOT,
    timeouts: { viewMs, repeatMs },
  };
}

function mailOf(network: Network, random: Xoshiro128): Mail {
  return {
    broadcast: (message) => network.broadcast(message),
    send: (message, to) => network.send(message, to),
    plan: (atMs, node, message) => network.plan(atMs, node, message),
    below: (count) => random.below(count),
  };
}
