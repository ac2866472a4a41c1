/** What a rented machine says of itself. Undefined is what it did not say, or said in a way that nobody can read. */
export interface MachineReport {
  /** In the driver's own order; undefined where no driver answered. */
  readonly gpus: readonly GpuReport[] | undefined;
  readonly driverVersion: string | undefined;
  /** The newest CUDA version that the driver serves. */
  readonly cudaVersion: string | undefined;
  /** Free on the disk that holds the root directory. */
  readonly diskFreeBytes: number | undefined;
}

export interface GpuReport {
  readonly name: string;
  /** In the driver's MB, of 1,048,576 bytes. */
  readonly memoryTotalMb: number | undefined;
  readonly memoryUsedMb: number | undefined;
  readonly utilizationPercent: number | undefined;
  readonly temperatureC: number | undefined;
}
