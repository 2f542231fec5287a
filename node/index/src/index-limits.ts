// The named limits of this room. Each refusal quotes the name, so that it can be found here.

export const INDEX_LIMITS = Object.freeze({
  /** Components of one vector. */
  dimensionMax: 65_536,
  /** Size of a component, but under cosine: sums of squares stay within float32. */
  componentMax: 1e16,
  /** UTF-16 units of one id. */
  idLengthMax: 1_024,
  /** Hits of one search. */
  kMax: 65_536,
  /** Width of the beam, while searching and while building. */
  efMax: 65_536,
  /** Links that a new node makes per layer. */
  mMax: 128,
  /** Layers of the hierarchy, the base layer included. */
  layersMax: 16,
  /** Rows of one index when the caller names no `maxElements`. */
  maxElementsDefault: 1_000_000,
  /** Rows of any index: link positions are signed 32-bit integers. */
  maxElementsMax: 16_000_000,
  /** Worker threads of one pool. */
  threadsMax: 64,
  /** JSON head of a saved index. */
  headerBytesMax: 1_048_576,
});
