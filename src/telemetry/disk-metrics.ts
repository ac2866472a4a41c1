import { statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';

/** Shows the room on the disk that holds the database. Where it cannot be told, the figures are not there. */
export function createDiskMetrics(registry: Registry): (folder: string) => Promise<void> {
  const registers = [registry];
  const free = new Gauge({
    name: 'gpu_store_free_bytes',
    help: 'Bytes left to this program on the disk that holds the database.',
    registers,
  });
  const size = new Gauge({
    name: 'gpu_store_disk_bytes',
    help: 'Size of that disk.',
    registers,
  });
  free.remove();
  size.remove();
  return async (folder) => {
    try {
      const { bavail, blocks, bsize } = await statfs(folder);
      free.set(bavail * bsize);
      size.set(blocks * bsize);
    } catch {
      free.remove();
      size.remove();
    }
  };
}
