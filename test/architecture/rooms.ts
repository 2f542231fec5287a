// The table of rooms: what each may import, which libraries live in one room only, and who may
// touch the machine. Changing the architecture means changing this file, in its own commit.

export interface Room {
  /** Folder, relative to the workspace root. */
  readonly folder: string;
  /** Package name; `undefined` for a folder of scripts without a manifest. */
  readonly packageName: string | undefined;
  /** Folders of the rooms whose faces it may import. */
  readonly mayImport: readonly string[];
  /** Pure rooms import no module of Node but `node:assert`. */
  readonly isPure: boolean;
  /** Adapters and composition roots read clocks, set timers and draw randomness. */
  readonly touchesMachine: boolean;
  /** Which of `process.argv` and `process.env` it may read. */
  readonly readsProcess: readonly ('argv' | 'env')[];
}

const UP_TO_PEER = [
  'shared',
  'crypto',
  'consensus',
  'coordinator/rules',
  'node/index',
  'node/training',
  'node/learning',
];
const BELOW_RUNTIME = [...UP_TO_PEER, 'node/peer', 'coordinator/service', 'infra/adapters'];

export const ROOMS: readonly Room[] = [
  room('shared', '@starling/shared', [], { isPure: true }),
  room('crypto', '@starling/crypto', ['shared']),
  room('consensus', '@starling/consensus', ['shared'], { isPure: true }),
  room('node/index', '@starling/index', ['shared']),
  // ONNX Runtime is kept from reporting to its vendor by the environment only.
  room('node/training', '@starling/training', ['shared'], { readsProcess: ['env'] }),
  room('node/learning', '@starling/learning', ['shared', 'node/index', 'node/training']),
  room('node/peer', '@starling/peer', UP_TO_PEER),
  room('coordinator/rules', '@starling/rules', ['shared', 'crypto', 'consensus'], { isPure: true }),
  room('coordinator/service', '@starling/coordinator', [
    'shared',
    'crypto',
    'consensus',
    'coordinator/rules',
  ]),
  room('infra/adapters', '@starling/adapters', ['shared', 'crypto'], { touchesMachine: true }),
  room('infra/runtime', '@starling/runtime', BELOW_RUNTIME, { touchesMachine: true }),
  room('infra/cli', '@starling/cli', ['infra/runtime', 'shared'], {
    touchesMachine: true,
    readsProcess: ['argv', 'env'],
  }),
  room('infra/deploy', undefined, [], { touchesMachine: true, readsProcess: ['argv', 'env'] }),
  room('test', '@starling/test', [...BELOW_RUNTIME, 'infra/runtime', 'infra/cli', 'infra/deploy'], {
    touchesMachine: true,
    readsProcess: ['argv', 'env'],
  }),
];

export interface HeavyLibrary {
  readonly name: string;
  readonly pattern: RegExp;
  /** Rooms whose manifest and sources may name it. */
  readonly rooms: readonly string[];
}

/** Libraries that one room hides from all others. */
export const HEAVY_LIBRARIES: readonly HeavyLibrary[] = [
  {
    name: 'libp2p',
    pattern: /^(libp2p|@libp2p\/.+|@chainsafe\/.+|@multiformats\/.+)$/,
    rooms: ['infra/adapters'],
  },
  { name: 'NATS', pattern: /^(nats|@nats-io\/.+)$/, rooms: ['infra/adapters'] },
  { name: 'ONNX Runtime', pattern: /^onnxruntime-.+$/, rooms: ['node/training'] },
  { name: 'noble', pattern: /^@noble\/.+$/, rooms: ['crypto'] },
  { name: 'Hono', pattern: /^(hono|@hono\/.+)$/, rooms: ['infra/runtime'] },
  { name: 'commander', pattern: /^commander$/, rooms: ['infra/cli'] },
  { name: 'cborg', pattern: /^cborg$/, rooms: ['shared'] },
  {
    name: 'zod',
    pattern: /^zod$/,
    rooms: ['shared'],
  },
];

/** Libraries of tests; nothing that ships imports them. */
export const TEST_LIBRARIES = /^(ava|fast-check|@fast-check\/.+)$/;

export interface BuiltinRule {
  readonly pattern: RegExp;
  readonly rooms: readonly string[];
  readonly advice: string;
}

const INFRA = ['infra/adapters', 'infra/runtime', 'infra/cli', 'infra/deploy', 'test'];

/** Modules of Node that only some rooms import. */
export const BUILTIN_RULES: readonly BuiltinRule[] = [
  {
    pattern: /^node:(net|tls|dgram|dns|http|https|http2)(\/|$)/,
    rooms: INFRA,
    advice: 'take a MessageBus or PayloadExchange port instead',
  },
  {
    pattern: /^node:sqlite$/,
    rooms: INFRA,
    advice: 'take an EventLog or PeerStore port instead',
  },
  {
    // The index checksums its files; everything that is signed or sealed is crypto's.
    pattern: /^node:crypto$/,
    rooms: ['crypto', 'node/index', ...INFRA],
    advice: 'use what @starling/crypto exports',
  },
  {
    // A long fit, a long load or the masks of a large vector give way by scheduler.yield, which reads
    // no time. The training room's watch over its child process waits by scheduler.wait; no result
    // depends on it.
    pattern: /^node:(timers|perf_hooks)(\/|$)/,
    rooms: ['crypto', 'node/training', 'node/index', ...INFRA],
    advice: 'take the Clock port instead',
  },
];

/** The room a file belongs to, `undefined` outside all rooms. Paths are relative and use `/`. */
export function roomOf(file: string): Room | undefined {
  return ROOMS.find((candidate) => file.startsWith(`${candidate.folder}/`));
}

/** Tests and benchmarks: they do not ship, so they may use the machine. */
export function isTestFile(file: string): boolean {
  return /^test\/|\/benchmarks\/|\.test\.ts$/.test(file);
}

function room(
  folder: string,
  packageName: string | undefined,
  mayImport: readonly string[],
  rights: Partial<Pick<Room, 'isPure' | 'touchesMachine' | 'readsProcess'>> = {},
): Room {
  return {
    folder,
    packageName,
    mayImport,
    isPure: rights.isPure ?? false,
    touchesMachine: rights.touchesMachine ?? false,
    readsProcess: rights.readsProcess ?? [],
  };
}
