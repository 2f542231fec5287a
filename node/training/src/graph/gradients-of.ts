// Reverse-mode automatic differentiation over a graph's tape: the backward pass becomes nodes of the
// same graph.

import assert from 'node:assert/strict';
import { type Addend, type Graph, isSameShape, shapeText, type Tensor } from './graph.ts';

/**
 * seed · ∂loss/∂w for every w of `parameters`, as addends: `addedTo(w)` is then a whole SGD step when
 * the seed is −learningRate. A parameter that the loss does not depend on gets `undefined`.
 */
export function gradientsOf(
  graph: Graph,
  loss: Tensor,
  seed: Tensor,
  parameters: readonly Tensor[],
): (Addend | undefined)[] {
  assert(isSameShape(loss.shape, seed.shape), `seed ${shapeText(seed.shape)} for the loss`);
  const tape = [...graph.tape];
  const wanted = dependents(tape, parameters);
  const gathered = new Map<string, (Tensor | Addend)[]>([[loss.name, [seed]]]);
  for (const { inputs, output, backward } of tape.toReversed()) {
    const parts = gathered.get(output.name);
    if (parts === undefined || !wanted.has(output.name)) continue;
    const gradient = sumOf(graph, parts).addedTo(undefined);
    assert(
      isSameShape(gradient.shape, output.shape),
      `gradient ${shapeText(gradient.shape)} of a tensor ${shapeText(output.shape)}`,
    );
    const contributions = backward(gradient, (i) => wanted.has(inputs[i]?.name ?? ''));
    for (const [i, contribution] of contributions.entries()) {
      const name = inputs[i]?.name;
      if (contribution === undefined || name === undefined || !wanted.has(name)) continue;
      gathered.set(name, [...(gathered.get(name) ?? []), contribution]);
    }
  }
  return parameters.map(({ name }) => {
    const parts = gathered.get(name);
    return parts === undefined ? undefined : sumOf(graph, parts);
  });
}

/** Names of all tensors that depend on a parameter. */
function dependents(tape: Graph['tape'], parameters: readonly Tensor[]): Set<string> {
  const names = new Set(parameters.map(({ name }) => name));
  for (const { inputs, output } of tape) {
    if (inputs.some(({ name }) => names.has(name))) names.add(output.name);
  }
  return names;
}

/** All parts as one addend; each is added in turn, fused where it can be. */
function sumOf(graph: Graph, parts: readonly (Tensor | Addend)[]): Addend {
  return {
    addedTo: (base) => {
      let sum = base;
      for (const part of parts) {
        if ('addedTo' in part) sum = part.addedTo(sum);
        else sum = sum === undefined ? part : graph.node('Add', [sum, part], sum);
      }
      assert(sum !== undefined, 'a gradient has at least one part');
      return sum;
    },
  };
}
