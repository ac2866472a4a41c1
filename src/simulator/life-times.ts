import type { MsRange } from './inner-life.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Vast.ai: null → loading within seconds (facts §9). */
export const VAST_CREATING: MsRange = { low: 2 * SECOND_MS, high: 10 * SECOND_MS };
/** Mostly 40 to 120 s to `running`; a slow image pull takes up to 5 min, a cached one 30 s. */
export const VAST_USUAL_BOOT: MsRange = { low: 40 * SECOND_MS, high: 120 * SECOND_MS };
export const VAST_ODD_BOOT: MsRange = { low: 30 * SECOND_MS, high: 300 * SECOND_MS };
export const VAST_USUAL_SHARE = 0.8;
export const VAST_SSHD: MsRange = { low: 3 * SECOND_MS, high: 20 * SECOND_MS };
/** TensorDock: an address after 5 to 30 s (facts §4), keys by cloud-init 60 to 90 s after boot (facts §5). */
export const DOCK_BOOT: MsRange = { low: 5 * SECOND_MS, high: 30 * SECOND_MS };
export const DOCK_SSHD: MsRange = { low: 15 * SECOND_MS, high: 45 * SECOND_MS };
export const DOCK_KEYS: MsRange = { low: 60 * SECOND_MS, high: 90 * SECOND_MS };
/** A second boot pulls no image and keeps its keys. */
export const REBOOT: MsRange = { low: 5 * SECOND_MS, high: 30 * SECOND_MS };
export const REBOOT_SSHD: MsRange = { low: 2 * SECOND_MS, high: 10 * SECOND_MS };
export const STOPPING: MsRange = { low: 2 * SECOND_MS, high: 10 * SECOND_MS };
export const BREAKING: MsRange = { low: 5 * SECOND_MS, high: 40 * SECOND_MS };
/** A host whose disk or registry fails says so when the image has been pulled, or the packages have been unpacked. */
export const BREAKING_LATE: MsRange = { low: 4 * MINUTE_MS, high: 12 * MINUTE_MS };
/** Slow hosts take 10 to 60 min (Vast.ai facts §9). */
export const SLOW_BOOT: MsRange = { low: 10 * MINUTE_MS, high: 60 * MINUTE_MS };
/** Instances were seen to disappear 8 to 15 min after the start (Vast.ai facts §17.10). */
export const VANISHING: MsRange = { low: 3 * MINUTE_MS, high: 15 * MINUTE_MS };
/** Vast.ai says that it runs when the image is there and the container has been started. */
export const VAST_CONTAINER: MsRange = { low: 1 * SECOND_MS, high: 5 * SECOND_MS };
/**
 * A fresh virtual machine's cloud-init comes to it after 60 to 90 s (facts §5), its packages are locked for 2 to 5 min and a
 * driver takes 2 to 3 (facts §7); Docker and an image of some GB come after that.
 */
export const DOCK_CONTAINER: MsRange = { low: 6 * MINUTE_MS, high: 18 * MINUTE_MS };
/**
 * Packages are locked for 2 to 5 min after the boot, and a driver takes 2 to 3 (facts §7), behind the 60 to 90 s that cloud-init
 * takes to come to it.
 */
export const DOCK_DRIVER: MsRange = { low: 4 * MINUTE_MS, high: 9 * MINUTE_MS };
/** A machine that reboots for its driver was back after about 30 s (facts §7). */
export const DRIVER_REBOOT: MsRange = { low: 20 * SECOND_MS, high: 60 * SECOND_MS };
export const REBOOT_CONTAINER: MsRange = { low: 5 * SECOND_MS, high: 20 * SECOND_MS };
export const MARKET_STOP: MsRange = { low: 1 * MINUTE_MS, high: 20 * MINUTE_MS };
/** After a contract's end the disk may be deleted (Vast.ai facts §13.4). */
export const KEPT_AFTER_END_MS = 48 * 60 * MINUTE_MS;
