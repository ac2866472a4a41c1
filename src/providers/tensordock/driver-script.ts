/**
 * The script that gets a fresh machine a GPU driver that answers. Safe to run again, at each boot and after a failure: it does
 * what is still to do. Every wait has an end; the log says where it got to.
 */
export function driverScript(): string {
  return [HEAD, PACKAGES, DRIVER, MAIN].join('\n');
}

export const HEAD = `#!/bin/bash
set -u
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
state=/var/lib/gpu-broker

say() { echo "$(date -u +%FT%TZ) $*"; }
give_up() { say "$*"; exit 1; }
has() { command -v "$1" > /dev/null; }
# again N COMMAND: up to N times, ten seconds apart.
again() {
  local left=$1
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 10
  done
}
`;

/** Unattended upgrades hold the lock for 2 to 5 min after the first boot, and images come with half-installed packages. */
export const PACKAGES = `packages_are_free() { ! fuser -s /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock 2> /dev/null; }
get() {
  timeout 1800 apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold install "$@"
}
prepare_packages() {
  [ -e "$state/packages-prepared" ] && return
  again 60 packages_are_free || say 'the packages are still locked: going on'
  again 3 timeout 900 dpkg --force-confold --configure -a
  again 3 timeout 300 apt-get -q -o DPkg::Lock::Timeout=300 update && touch "$state/packages-prepared"
}
`;

/**
 * No image has a working driver at first boot: some lack the package, others the compiled module. 550 is the one that
 * has been seen to work; newer cards need what Ubuntu itself picks for them. A reboot, once, is what helped by hand.
 */
export const DRIVER = `gpu_works() { timeout 60 nvidia-smi -L 2> /dev/null | grep -q '^GPU'; }
load_driver() {
  modprobe -r nouveau
  modprobe nvidia && modprobe nvidia-uvm
  again 3 gpu_works
}
install_driver() {
  say 'no GPU driver answers: installing one'
  prepare_packages
  load_driver && return
  get "linux-headers-$(uname -r)"
  has dkms && timeout 1200 dkms autoinstall && load_driver && return
  get nvidia-driver-550 && load_driver && return
  get ubuntu-drivers-common && timeout 1800 ubuntu-drivers install && load_driver
}
reboot_once() {
  [ ! -e "$state/rebooted" ] || give_up 'no GPU driver works, after a reboot either'
  touch "$state/rebooted"
  say 'rebooting, so that the driver can be loaded'
  timeout 300 cloud-init status --wait > /dev/null
  systemctl reboot
  exit 0
}
`;

/** An upgrade of the driver under running work would take its GPUs away, so that there are none from here on. */
export const NO_UPGRADES =
  'timeout 60 systemctl disable --now apt-daily.timer apt-daily-upgrade.timer';

/** Cards that nobody keeps awake answer late, each time anew. */
export const GPUS_OR_REBOOT = `again 3 gpu_works || install_driver || reboot_once
nvidia-smi -pm 1 > /dev/null`;

const MAIN = `
say 'making the GPUs usable'
${NO_UPGRADES}
${GPUS_OR_REBOOT}
say 'the GPUs can be used'
`;
