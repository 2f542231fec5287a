// Central differences beside the gradients of a graph; shared by this room's tests.

import { openSession, type Values } from '../engine/session.ts';
import { seededUniforms } from '../seeded-random.ts';
import { multiply } from './elementwise.ts';
import { gradientsOf } from './gradients-of.ts';
import { elementsOf, Graph, type RealType, type Tensor } from './graph.ts';
import { sum } from './reductions.ts';

export interface GradientCase {
  /** Sizes of the real inputs. */
  readonly shapes: readonly (readonly number[])[];
  /** Values of the inputs; seeded uniforms from [−1, 1) when left out. */
  readonly values?: readonly (readonly number[])[];
  /** What is differentiated; any shape: it is projected on fixed random numbers. */
  readonly build: (graph: Graph, inputs: readonly Tensor[]) => Tensor;
  /** `float32` for the operators that the runtime has in single precision only. */
  readonly real?: RealType;
  readonly step?: number;
  readonly tolerance?: number;
}

/** Every element of every input's gradient that disagrees with central differences, in words. */
export async function gradientDisagreements(gradientCase: GradientCase): Promise<string[]> {
  const disagreements: string[] = [];
  const { shapes, build, real = 'float64' } = gradientCase;
  const { step = real === 'float64' ? 1e-6 : 1e-2 } = gradientCase;
  const { tolerance = real === 'float64' ? 1e-7 : 2e-3 } = gradientCase;
  const graph = new Graph(real);
  const uniform = seededUniforms(7);
  const draw = (count: number) => Array.from({ length: count }, () => uniform() * 2 - 1);
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, real, shape));
  const result = build(graph, inputs);
  const loss = project(graph, result, draw);
  const gradients = gradientsOf(graph, loss, graph.scalar(1), inputs);
  graph.output('loss', loss);
  for (const [i, gradient] of gradients.entries()) {
    if (gradient !== undefined) graph.output(`d${i}`, gradient.addedTo(undefined));
  }
  const session = await openSession(graph.encode('check'), { engine: 'native' });
  const point = shapes.map((shape, i) =>
    arrayOf(real, gradientCase.values?.[i] ?? draw(elementsOf(shape))),
  );
  const run = async () => {
    const feeds = point.map((data, i) => [`x${i}`, { type: real, dims: shapes[i] ?? [], data }]);
    return session.run(Object.fromEntries(feeds));
  };
  const lossAt = async (values: Values, at: number, value: number): Promise<number> => {
    const kept = values[at] as number;
    values[at] = value;
    const { loss: moved } = await run();
    values[at] = kept;
    return Number(moved?.[0]);
  };
  const exact = await run();
  for (const [i, values] of point.entries()) {
    const found = exact[`d${i}`];
    for (let at = 0; at < values.length; at++) {
      const centre = Number(values[at]);
      const above = await lossAt(values, at, centre + step);
      const below = await lossAt(values, at, centre - step);
      const expected = (above - below) / (2 * step);
      const actual = Number(found?.[at] ?? 0);
      const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
      if (!(error <= tolerance)) {
        disagreements.push(`input ${i}[${at}]: gradient ${actual}, differences ${expected}`);
      }
    }
  }
  await session.close();
  return disagreements;
}

function project(graph: Graph, result: Tensor, draw: (count: number) => number[]): Tensor {
  if (result.shape.length === 0) return result;
  const shape = result.shape.map(Number);
  return sum(graph, multiply(graph, result, graph.constant(draw(elementsOf(shape)), shape)));
}

function arrayOf(real: RealType, values: readonly number[]): Float32Array | Float64Array {
  return real === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
}
