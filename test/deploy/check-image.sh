#!/usr/bin/env bash
# Builds the image of the Dockerfile where there is no Docker engine, and tries what came out: `bash test/deploy/check-image.sh
# [FOLDER]`. As root on Debian, with its packages buildah, debootstrap and jq, and with npm. The folder keeps the stand-in for
# the Node image between runs.
#
# buildah reads the Dockerfile as it stands. Only the image that it begins with is a stand-in, because no registry of images is
# asked: Debian's own packages and the Node of that version from npm, under the same name. The result is started with nothing
# but util-linux: its tree read-only, /data and /tmp writable, as process 1 of its own process namespace, as the image's user,
# without capabilities.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${1:-$(mktemp -d)}
mkdir -p "$work"
work=$(realpath "$work")
buildah() { command buildah --root "$work/images" --runroot "$work/run" "$@"; }
say() { printf '%s\n' "$*"; }
fail() { say "FAILED: $*"; exit 1; }
check() { # check NAME COMMAND…
  local name=$1
  shift
  "$@" >"$work/check.log" 2>&1 || { cat "$work/check.log"; fail "$name"; }
  say "ok: $name"
}
refuses() { ! "$@"; }

node_image=$(sed -n 's/^FROM \(node:[^ ]*\).*/\1/p' Dockerfile | sort -u)
[[ $node_image =~ ^node:([0-9]+)-slim$ ]] || fail "the stages begin with different images: $node_image"
major=${BASH_REMATCH[1]}
base=$work/base-$major

make_stand_in() {
  [ -d "$base" ] || bash test/deploy/debian-with-node.sh "$base" "$major"
  local container
  container=$(buildah from scratch)
  buildah copy -q "$container" "$base" / >/dev/null
  buildah commit -q --format docker --rm "$container" "docker.io/library/$node_image" >/dev/null
}

buildah inspect --type image "docker.io/library/$node_image" >/dev/null 2>&1 || make_stand_in
say "Node $(chroot "$base" node --version) and Debian $(cat "$base/etc/debian_version") stand in for $node_image"

started=$SECONDS
buildah bud --format docker --layers --pull-never --isolation chroot --network host --tag gpu-broker . >"$work/build.log" 2>&1 ||
  { tail -30 "$work/build.log"; fail 'the build'; }
say "ok: built in $((SECONDS - started)) s"

config=$(buildah inspect --type image gpu-broker | jq .Docker.config)
container=$(buildah from --pull-never gpu-broker)
tree=$(buildah mount "$container")
mkdir -p "$work/data"
leave() {
  [ -z "${started_pid:-}" ] || kill -KILL "$started_pid" 2>"$work/leave.log" || true
  buildah umount "$container" >"$work/leave.log" || true
  buildah rm "$container" >"$work/leave.log" || true
  rm -rf "$work/data"
}
trap leave EXIT
user=$(jq -r .User <<<"$config")
mapfile -t environment < <(jq -r '.Env[]' <<<"$config")
mapfile -t command < <(jq -r '.Cmd[]' <<<"$config")
mapfile -t health < <(jq -r '.Healthcheck.Test[1:][]' <<<"$config")
workdir=$(jq -r .WorkingDir <<<"$config")
uid=$(chroot "$tree" id -u "$user")
gid=$(chroot "$tree" id -g "$user")
cp -a "$tree/data/." "$work/data/"
chown "$uid:$gid" "$work/data"
chmod 700 "$work/data"

check 'the user is not root' test "$uid" -ne 0
check 'the volume is the user'"'"'s alone' test "$(stat -c '%u %a' "$tree/data")" = "$uid 700"
check 'the labels say what package.json says' test \
  "$(jq -c '.Labels | [."org.opencontainers.image.title", ."org.opencontainers.image.description", ."org.opencontainers.image.version", ."org.opencontainers.image.licenses"]' <<<"$config")" = \
  "$(jq -c '[.name, .description, .version, .license]' package.json)"
check 'no libraries for development, no sources, no secrets' test -z \
  "$(cd "$tree" && find app -maxdepth 2 \( -path app/src -o -path app/test -o -name '.env*' -o -path app/node_modules/typescript -o -path app/node_modules/vitest -o -path app/node_modules/esbuild \))"

# A command of the image in a mount and process namespace of its own, as `docker run --read-only --cap-drop ALL` would have it.
inside() {
  local variables=()
  while [[ $1 == *=* ]]; do variables+=("$1"); shift; done
  exec unshare --mount --pid --fork --kill-child --mount-proc="$tree/proc" bash -c '
    set -e
    tree=$1 data=$2 ids=$3 dir=$4
    shift 4
    mount --bind "$tree" "$tree"
    mount --rbind /dev "$tree/dev"
    mount -t proc proc "$tree/proc"
    mount -t tmpfs tmpfs "$tree/tmp"
    mount --bind "$data" "$tree/data"
    mount -o remount,bind,ro "$tree"
    exec chroot "$tree" setpriv --reuid "${ids%:*}" --regid "${ids#*:}" --clear-groups --bounding-set -all --inh-caps -all \
      --no-new-privs env -i "$@"' bash "$tree" "$work/data" "$uid:$gid" "$workdir" \
    --chdir="$workdir" "${environment[@]}" "${variables[@]}" "$@"
}
in_image() { (inside "$@"); }

check 'nothing but /data and /tmp can be written' in_image sh -c \
  'touch /data/a /tmp/a && ! touch /app/a && ! touch /a && ! touch /home/node/a && rm /data/a'
check 'without tokens it does not start, with status 2' in_image sh -c "${command[*]}; test \$? -eq 2"
check 'the health check says no while nothing listens' refuses in_image "${health[@]}"

port=$((20000 + RANDOM % 20000))
(inside API_TOKENS=check:token-of-the-image-check PORT=$port TENSORDOCK_API_TOKEN=none TENSORDOCK_AUTH_ID=none \
  TENSORDOCK_BASE_URL=http://127.0.0.1:9 "${command[@]}" >"$work/broker.log" 2>&1) &
started_pid=$!
healthy() {
  for _ in $(seq 300); do
    in_image PORT=$port "${health[@]}" && return 0
    sleep 0.5
  done
  tail -5 "$work/broker.log"
  return 1
}
check 'the health check says yes once it is up' healthy
check 'a request without a token is refused' test \
  "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/offers")" = 401
broker=$(pgrep -P "$(pgrep -P $started_pid -f unshare || echo $started_pid)" | tail -1)
check 'the broker is process 1' test "$(sed -n 's/^NSpid:.*\t//p' "/proc/$broker/status")" = 1
before=$(date +%s%N)
kill -TERM "$broker"
ends_well() { wait $started_pid; }
ends_well || fail "SIGTERM ends it with status $?"
say "ok: SIGTERM ends it with status 0 in $((($(date +%s%N) - before) / 1000000)) ms"
check 'the demo runs in it' in_image PORT=0 node dist/demo/main.js --once

size_of() { du -sm --apparent-size "$1" | cut -f1; }
say "ok: everything. The tree is $(size_of "$tree") MB, of which the broker is $(size_of "$tree/app") MB: node_modules $(size_of "$tree/app/node_modules"), dist $(size_of "$tree/app/dist")"
