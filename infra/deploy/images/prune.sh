#!/bin/sh
# Takes out of installed packages what no process of ours reads: libraries for other machines, ONNX
# Runtime's builds for browsers and GPUs, source maps, and TypeScript's declarations.
#
#   prune.sh <node_modules>
set -eu

modules=$1
case "$(uname -m)" in
  aarch64) arch=arm64 ;;
  *) arch=x64 ;;
esac

native=$(find "$modules/.pnpm" -type d -path '*/onnxruntime-node/bin/napi-v*' -name 'napi-v*')
for folder in $native; do
  rm -rf "$folder/darwin" "$folder/win32"
  find "$folder/linux" -mindepth 1 -maxdepth 1 ! -name "$arch" -exec rm -rf {} +
done

find "$modules/.pnpm" -path '*/onnxruntime-web/dist/*' -type f \
  \( -name '*jsep*' -o -name '*jspi*' -o -name '*asyncify*' -o -name '*webgl*' -o -name '*webgpu*' \
  -o -name 'ort.all.*' \) -delete
find "$modules/.pnpm" -type f \
  \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete
