import assert from 'node:assert/strict';
import { type ConvolutionOptions, convolution } from '../graph/convolution.ts';
import { glorot, type Layer, zeros } from './layer.ts';

export interface Conv2dOptions {
  /** Height and width of the filters. */
  readonly kernel: number;
  readonly stride?: number;
  /** `same` keeps height and width (odd kernels, stride 1); a number is zeros on every side. */
  readonly padding?: number | 'same';
}

/** Convolution of images [channels × height × width] with `filters` square filters. */
export function conv2d(filters: number, options: Conv2dOptions): Layer {
  const { kernel, stride = 1, padding = 0 } = options;
  assert(filters > 0 && kernel > 0 && stride > 0, 'filters, kernel and stride are positive');
  assert(
    padding !== 'same' || (kernel % 2 === 1 && stride === 1),
    `padding "same" needs an odd kernel and stride 1, not ${kernel} and ${stride}`,
  );
  const convolves: ConvolutionOptions = {
    stride,
    padding: padding === 'same' ? (kernel - 1) / 2 : padding,
  };
  return {
    build: (input) => {
      const [channels, height, width] = input;
      assert(
        input.length === 3 && channels !== undefined && height !== undefined && width !== undefined,
        `conv2d takes [channels × height × width], not [${input.join(' × ')}]`,
      );
      const size = (full: number) =>
        Math.floor((full + 2 * convolves.padding - kernel) / stride) + 1;
      const area = kernel * kernel;
      return {
        output: [filters, size(height), size(width)],
        parameters: [
          glorot('weight', [filters, channels, kernel, kernel], channels * area, filters * area),
          zeros('bias', [filters]),
        ],
        takes: 'reals',
        forward: ({ graph }, x, [w, b]) => {
          assert(w !== undefined);
          return convolution(graph, x, w, b, convolves);
        },
      };
    },
  };
}
