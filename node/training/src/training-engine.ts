// Which engine trained, as an update's commitment names it.

export const ENGINE_NAMES = ['built-in', 'native', 'wasm'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

export interface EngineDescription {
  readonly name: EngineName;
  /** Of everything that decides about bits; the same version gives the same. */
  readonly version: string;
  readonly threads: number;
  /** Digest of the training graph; null for an engine without one. */
  readonly graph: string | null;
}

/** Rises when the built-in trainer's arithmetic changes. */
const BUILT_IN_VERSION = 1;

/** The trainer in plain TypeScript. Its one function that is not exactly rounded, `Math.exp`, is V8's. */
export const BUILT_IN_ENGINE: EngineDescription = Object.freeze({
  name: 'built-in',
  version: `${BUILT_IN_VERSION}, V8 ${process.versions.v8}`,
  threads: 1,
  graph: null,
});

/**
 * True when a second run of the same training on the second engine gives the same bits as the first:
 * always but for native code, whose sums depend on the processor.
 */
export function isBitExact(first: EngineDescription, second: EngineDescription): boolean {
  return (
    first.name !== 'native' &&
    first.name === second.name &&
    first.version === second.version &&
    first.graph === second.graph
  );
}
