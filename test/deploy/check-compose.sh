#!/usr/bin/env bash
# Reads docker-compose.yml with Docker Compose itself, as Debian 13 has it, which needs no Docker engine for that:
# `bash test/deploy/check-compose.sh [FOLDER]`. As root, with debootstrap.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${1:-$(mktemp -d)}
mkdir -p "$work"
tree=$(realpath "$work")/compose
[ -d "$tree" ] || debootstrap --variant=minbase --include=docker-compose trixie "$tree" >"$tree.log"
project=$tree/srv/gpu-broker
rm -rf "$project"
mkdir -p "$project"
cp -r docker-compose.yml Dockerfile .env.example deploy "$project/"
compose() { chroot "$tree" docker-compose --project-directory /srv/gpu-broker "$@"; }
compose version
compose config --quiet
echo 'ok: without a .env'
cp "$project/.env.example" "$project/.env"
for profile in '' monitoring demo; do
  echo "ok: profile '$profile' has$(compose --profile "$profile" config --services | sort | sed 's/^/ /' | tr -d '\n')"
done
compose --profile '*' config --format json | chroot "$tree" sh -c 'cat > /tmp/config.json'
# Every file and folder that the services mount is there.
grep -o '"source": "/srv/[^"]*"' "$tree/tmp/config.json" | cut -d'"' -f4 | sort -u | while read -r path; do
  [ -e "$tree$path" ] || { echo "not there: $path"; exit 1; }
  echo "ok: ${path#/srv/gpu-broker/} is there"
done
