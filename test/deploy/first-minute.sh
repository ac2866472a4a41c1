#!/usr/bin/env bash
# From an empty folder, with nothing but Node, to a session of the demo that runs, with the seconds of each step:
# `bash test/deploy/first-minute.sh [SOURCE]`. SOURCE is what git can clone, or a tar file of the repository (for a machine
# without git); it is the repository that this script stands in where none is named.
set -euo pipefail
source=$(realpath "${1:-$(dirname "$0")/../..}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
begun=$(date +%s%N)
step=$begun
took() {
  local now
  now=$(date +%s%N)
  printf '%6.1f s  %s\n' "$(((now - step) / 100000000))e-1" "$1"
  step=$now
}

if [ -f "$source" ]; then
  mkdir gpu-broker && tar -xf "$source" -C gpu-broker
else
  git clone --quiet "$source" gpu-broker
fi
cd gpu-broker
took 'the repository is here'
npm ci --silent --no-audit --no-fund >npm.log 2>&1 || { tail -20 npm.log; exit 1; }
took 'npm ci'
runs=
while IFS= read -r line; do
  case $line in
    'gpu-broker demo'*) took 'npm run demo: built and started' ;;
    '2. '*) took 'the menu is complete and shown' ;;
    *'running after '*) took 'a session is rented and running: a login has worked' && runs=$step ;;
    *'stopped after '*) took 'it is ended, and the provider has confirmed it' ;;
  esac
done < <(PORT=0 npm run --silent demo -- --once 2>&1 | tee demo.log)
[ -n "$runs" ] || { cat demo.log; exit 1; }
printf '%6.1f s  from the empty folder to running; %s, Node %s, %s cores, load %s\n' "$(((runs - begun) / 100000000))e-1" \
  "$(. /etc/os-release && echo "$PRETTY_NAME")" "$(node --version)" "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)"
