import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Engine } from './engine.ts';
import { type HnswlibNode, HnswlibNodeEngine } from './hnswlib-node-engine.ts';
import { StarlingEngine, type StarlingSettings } from './starling-engine.ts';
import { type Usearch, UsearchEngine } from './usearch-engine.ts';

/** What a contender's process is started with. */
export type EngineDescription =
  | { readonly engine: 'starling'; readonly settings: StarlingSettings }
  | { readonly engine: 'hnswlib-node'; readonly peersFolder: string }
  | { readonly engine: 'usearch'; readonly peersFolder: string; readonly quantization: string };

export function createEngine(description: EngineDescription): Engine<unknown> {
  switch (description.engine) {
    case 'starling':
      return new StarlingEngine(description.settings);
    case 'hnswlib-node':
      return new HnswlibNodeEngine(load(description.peersFolder, 'hnswlib-node') as HnswlibNode);
    case 'usearch':
      return new UsearchEngine(
        load(description.peersFolder, 'usearch') as Usearch,
        description.quantization,
      );
  }
}

function load(folder: string, name: string): unknown {
  return createRequire(join(folder, 'package.json'))(name);
}
