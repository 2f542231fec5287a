// One run of a snow chain with its certificate epochs, from one seed: discrete events, nothing else.

import type { FrostyConfig } from '../../frosty/frosty-config.ts';
import { LeaderSchedule } from '../../simplex/leader-schedule.ts';
import { Conspiracy } from './conspiracy.ts';
import { EventWheel } from './event-wheel.ts';
import type { Message } from './message.ts';
import { Network } from './network.ts';
import { digestOfRun, type MessageLevelOutcome, violationsAmong } from './outcome.ts';
import { sample } from './sample.ts';
import type { Mail, SimulatedNode } from './simplex-node.ts';
import { SNOW_ROOT, snowBlockOn } from './snow-block.ts';
import { type SnowChainSpec, snowChainSpec } from './snow-chain-spec.ts';
import { SnowLiar } from './snow-liar.ts';
import { SnowNode } from './snow-node.ts';
import { MESSAGE_LEVEL_DEFAULTS } from './spec.ts';

export interface SnowChainOutcome extends MessageLevelOutcome {
  /** Of the decisions of all honest members. */
  readonly metastable: number;
  readonly certified: number;
  /** Odd eras that some honest member saw open. */
  readonly certificateEras: number;
  /** Honest members whose decisions certificates contradicted. */
  readonly forks: number;
}

const wheel = new EventWheel<Message>();

/**
 * Runs one cluster until every honest member decided `heights` blocks, or the time is over.
 * @throws {RangeError} naming what the specification violates, the safety bound included.
 */
export function runSnowChain(partial: Partial<SnowChainSpec>): SnowChainOutcome {
  const spec = snowChainSpec(partial);
  wheel.reset();
  const network = new Network({ ...MESSAGE_LEVEL_DEFAULTS, ...networkOf(spec) }, wheel);
  const { random } = network;
  const shuffled = sample(random, spec.members, spec.members);
  const byzantine = shuffled.slice(0, spec.byzantine).sort((a, b) => a - b);
  const others = shuffled.slice(spec.byzantine);
  network.slowDown(others.slice(others.length - spec.slow), spec.slowFactor);
  const conspiracy = new Conspiracy(spec.members, new Set(byzantine), random);
  const { nodes, honest } = buildNodes(spec, network, conspiracy);
  planFaults(spec, network, honest);
  for (const node of nodes) node?.start(0);
  if (spec.isSplit) split(spec, conspiracy, nodes);
  const events = runEvents(spec, network, { nodes, honest });
  return outcomeOf(spec, { network, honest, byzantine, events });
}

function buildNodes(spec: SnowChainSpec, network: Network, conspiracy: Conspiracy) {
  const { random } = network;
  const mail: Mail = {
    broadcast: (message) => network.broadcast(message),
    send: (message, to) => network.send(message, to),
    plan: (atMs, node, message) => network.plan(atMs, node, message),
    below: (count) => random.below(count),
  };
  const config = configOf(spec, () => random.next());
  const honest: SnowNode[] = [];
  const nodes = Array.from({ length: spec.members }, (_, self): SimulatedNode | undefined => {
    if (conspiracy.members.has(self)) {
      if (spec.adversary === 'silent') return undefined;
      return new SnowLiar(self, config, { spec, mail, conspiracy });
    }
    const node = new SnowNode({ ...config, self }, spec, mail);
    honest.push(node);
    return node;
  });
  return { nodes, honest };
}

function configOf(spec: SnowChainSpec, nextUint32: () => number): FrostyConfig {
  const { members, faulty, parameters, safetyTarget, timeouts, certificateBlocks } = spec;
  return {
    members,
    self: undefined,
    leaderSeed: spec.seed,
    root: SNOW_ROOT,
    parameters,
    faulty,
    safetyTarget,
    random: { nextUint32 },
    timeouts,
    certificateBlocks,
    certificateTimeouts: { viewMs: spec.viewMs, repeatMs: spec.repeatMs },
  };
}

/** The network's part of the specification. */
function networkOf(spec: SnowChainSpec) {
  const { members, seed, delayMedianMs, delaySigma, loss } = spec;
  return { members, seed, delayMedianMs, delaySigma, loss };
}

/** Two blocks by the first leader, each for one half. */
function split(
  spec: SnowChainSpec,
  { halves }: Conspiracy,
  nodes: readonly (SimulatedNode | undefined)[],
): void {
  const leader = new LeaderSchedule(spec.members, spec.seed).leaderOf(1);
  for (const [face, half] of halves.entries()) {
    const body = snowBlockOn(SNOW_ROOT, { view: 1, leader, content: `face ${face}` });
    for (const member of half) nodes[member]?.receive({ kind: 'block', from: leader, body }, 0);
  }
}

function planFaults(spec: SnowChainSpec, network: Network, honest: readonly SnowNode[]): void {
  const { random } = network;
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

function runEvents(
  spec: SnowChainSpec,
  network: Network,
  {
    nodes,
    honest,
  }: {
    readonly nodes: readonly (SimulatedNode | undefined)[];
    readonly honest: readonly SnowNode[];
  },
): number {
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

function outcomeOf(
  spec: SnowChainSpec,
  {
    network,
    honest,
    byzantine,
    events,
  }: {
    readonly network: Network;
    readonly honest: readonly SnowNode[];
    readonly byzantine: readonly number[];
    readonly events: number;
  },
): SnowChainOutcome {
  const decided = honest.map(({ index, store }) => {
    return { member: index, decisions: store.chain.decisions };
  });
  const undecided = honest.filter(({ decidedHeight }) => decidedHeight < spec.heights);
  const all = decided.flatMap(({ decisions }) => decisions);
  const metastable = all.filter(({ finality }) => finality === 'metastable').length;
  const eras = honest.map(({ store }) => store.opened?.era ?? -1);
  return {
    seed: spec.seed,
    members: spec.members,
    byzantine,
    decided,
    violations: violationsAmong(decided),
    undecided: undecided.map(({ index }) => index),
    messages: network.messages,
    bytes: network.bytes,
    events,
    evidence: honest.reduce((sum, { evidence }) => sum + evidence, 0),
    simulatedMs: wheel.nowMs,
    digest: digestOfRun(decided, network.messages),
    metastable,
    certified: all.length - metastable,
    certificateEras: (Math.max(...eras) + 1) / 2,
    forks: honest.reduce((sum, { forks }) => sum + forks, 0),
  };
}
