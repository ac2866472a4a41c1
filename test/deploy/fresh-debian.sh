#!/usr/bin/env bash
# The first minute on a Debian that has nothing but Node, in a folder of its own, as a user that is not root:
# `bash test/deploy/fresh-debian.sh [FOLDER] [MAJOR]`. As root, with debootstrap, npm and git.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${1:-$(mktemp -d)}
major=${2:-22}
mkdir -p "$work"
tree=$(realpath "$work")/fresh-$major
[ -d "$tree" ] || bash test/deploy/debian-with-node.sh "$tree" "$major"
# npm fetches better-sqlite3 ready-made from GitHub. Where that cannot be reached it is compiled, with these.
if ! curl --silent --head --max-time 10 --output /dev/null https://github.com; then
  echo 'GitHub cannot be reached: with a compiler'
  chroot "$tree" sh -c 'apt-get update && apt-get install --yes --no-install-recommends python3 make g++' >"$tree.apt.log" 2>&1
fi
git archive --format=tar --output="$tree/tmp/gpu-broker.tar" HEAD
cp test/deploy/first-minute.sh "$tree/tmp/"
unshare --mount --pid --fork --kill-child bash -c '
  set -e
  mount --rbind /dev "$1/dev"
  mount -t proc proc "$1/proc"
  exec chroot "$1" setpriv --reuid 1000 --regid 1000 --clear-groups env -i HOME=/home/node PATH=/usr/local/bin:/usr/bin:/bin \
    bash /tmp/first-minute.sh /tmp/gpu-broker.tar' bash "$tree"
