// Names of the inputs and outputs of a program's graphs.

export const INPUT = {
  x: 'x',
  y: 'y',
  xIds: 'xIds',
  yIds: 'yIds',
  order: 'order',
  sampleWeights: 'sampleWeights',
  stepSeeds: 'stepSeeds',
  learningRate: 'learningRate',
  proximal: 'proximal',
  losses: 'losses',
  outputs: 'outputs',
} as const;

export function parameterName(i: number): string {
  return `weight.${i}`;
}

export function slotName(i: number, k: number): string {
  return `slot.${i}.${k}`;
}

export function anchorName(i: number): string {
  return `anchor.${i}`;
}

export function controlName(i: number): string {
  return `control.${i}`;
}

/** What comes out for an input that is carried through the run. */
export function updatedName(name: string): string {
  return `${name}.updated`;
}
