/**
 * Up to where a machine counts as idle. Each lies well above what a machine that is left alone shows, and well below the least that
 * is anybody's work; in between, it is work.
 */

/** Percent. A desktop, or a model that is loaded and asked nothing, shows a few percent now and then. */
export const IDLE_GPU_PERCENT = 5;

/** The same for the highest of some hundred samples: one redrawn window fills a sample by as much. */
export const IDLE_PEAK_PERCENT = 10;

/**
 * MB by which a GPU's memory changes. Memory that is held is no work: notebooks hold it for days. Memory that is taken or given
 * back is; what a desktop redraws, or the driver keeps for itself, comes and goes in steps of some MB.
 */
export const IDLE_MEMORY_CHANGE_MB = 64;

/**
 * CPUs that have work, on average between two looks: three seconds in a minute. An idle server shows a hundredth, with
 * monitoring or a notebook server three hundredths. Whatever uses a GPU has a CPU busy for as long, so that this finds the bursts
 * which fall between the samples of the GPUs.
 */
export const IDLE_CPUS = 0.05;

/** The same, for each CPU of the machine: the kernel's own housekeeping grows with them. */
export const IDLE_SHARE_OF_CPUS = 0.001;

/**
 * Bytes a second. A look costs some 40 KB, those who try passwords at open ports as much again, an editor that is left open a few
 * hundred bytes a second. The slowest download that anybody waits for is faster than this.
 */
export const IDLE_NETWORK_BYTES_PER_SECOND = 16 * 1024;

/** Bytes a second. Logs and the system's own journal write less. */
export const IDLE_DISK_BYTES_PER_SECOND = 256 * 1024;

/** The kernel tells to within 8 s when something was typed, so that nobody learns from it what. */
export const TYPING_GRAIN_SECONDS = 10;

/** By which a machine's own time and ours may differ between two looks; either may have taken some seconds. */
export const MAX_DRIFT_SECONDS = 30;
