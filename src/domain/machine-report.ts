/** What a rented machine says of itself. Undefined is what it did not say, or said in a way that nobody can read. */
export interface MachineReport {
  /** In the driver's own order; undefined where no driver answered. */
  readonly gpus: readonly GpuReport[] | undefined;
  /** Set where the list of GPUs did not come to its end: there may be more of them. */
  readonly isGpuListCut?: true;
  readonly driverVersion: string | undefined;
  /** The newest CUDA version that the driver serves. */
  readonly cudaVersion: string | undefined;
  /** Free on the disk that holds the root directory. */
  readonly diskFreeBytes: number | undefined;
  /** What goes on there; undefined where nothing of it could be read. */
  readonly work: WorkReading | undefined;
}

/**
 * What a look shows of the work on a machine. Counters count from the machine's boot; two looks make a rate. What could not be
 * read is undefined, which is never the same as 0.
 */
export interface WorkReading {
  /** Since the machine's boot: counters of two looks belong together where it has grown with the time between them. */
  readonly uptimeSeconds: number | undefined;
  readonly cpuCount: number | undefined;
  /** Of all CPUs together, since the counters began. */
  readonly cpuBusySeconds: number | undefined;
  /** Received and sent, loopback left out, since the counters began. */
  readonly networkBytes: number | undefined;
  /** Read and written, since the counters began. */
  readonly diskBytes: number | undefined;
  /** Terminals that are open, whether or not somebody is at them; the look's own login has none. */
  readonly logins: number | undefined;
  /** Since something was last typed at any of them; undefined as well where none is open. */
  readonly inputSecondsAgo?: number | undefined;
  /** Programs that hold a GPU. A container sees its own at best. */
  readonly gpuProcesses: number | undefined;
  /** How long the look itself took on the machine, from its first line to its last. */
  readonly lookSeconds?: number | undefined;
  /** What all CPUs together did meanwhile, above all for the look: it is no work of anybody's. */
  readonly lookCpuSeconds?: number | undefined;
}

export interface GpuReport {
  readonly name: string;
  /** In the driver's MB, of 1,048,576 bytes. */
  readonly memoryTotalMb: number | undefined;
  readonly memoryUsedMb: number | undefined;
  readonly utilizationPercent: number | undefined;
  /** The highest of the samples that the driver itself takes, some per second, and keeps for some seconds. */
  readonly peakPercent?: number | undefined;
  readonly temperatureC: number | undefined;
  readonly powerW: number | undefined;
}
