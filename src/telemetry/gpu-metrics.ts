import { Gauge, type Registry } from 'prom-client';
import type { SessionId } from '../domain/ids.ts';

/** What one GPU of a running session showed at the broker's latest look. */
export interface GpuSnapshot {
  readonly sessionId: SessionId;
  readonly gpu: number;
  readonly utilizationPercent: number | undefined;
  readonly memoryUsedMb: number | undefined;
  readonly memoryTotalMb: number | undefined;
  readonly temperatureC: number | undefined;
  readonly powerW: number | undefined;
}

const PERCENT = 100;
const MB = 1024 * 1024;
const LABELS = ['session_id', 'gpu'] as const;

/** The only metrics with an id on them: of sessions that run now, and gone with them. */
export function createGpuMetrics(registry: Registry): (gpus: readonly GpuSnapshot[]) => void {
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: LABELS, registers: [registry] });
  const utilization = gauge(
    'gpu_session_gpu_utilization_ratio',
    'Time in which a GPU of a running session had work, 0 to 1, at the latest look.',
  );
  const used = gauge(
    'gpu_session_gpu_memory_used_bytes',
    'Memory in use on a GPU of a running session, at the latest look.',
  );
  const total = gauge('gpu_session_gpu_memory_bytes', 'Memory of a GPU of a running session.');
  const temperature = gauge(
    'gpu_session_gpu_temperature_celsius',
    'Temperature of a GPU of a running session, at the latest look.',
  );
  const power = gauge(
    'gpu_session_gpu_power_watts',
    'Power that a GPU of a running session drew, at the latest look.',
  );
  return (gpus) => {
    for (const one of [utilization, used, total, temperature, power]) one.reset();
    for (const { sessionId, gpu, ...figures } of gpus) {
      const labels = { session_id: sessionId, gpu: String(gpu) };
      const show = (metric: typeof power, figure: number | undefined, unit: number): void => {
        if (figure !== undefined) metric.set(labels, figure * unit);
      };
      show(utilization, figures.utilizationPercent, 1 / PERCENT);
      show(used, figures.memoryUsedMb, MB);
      show(total, figures.memoryTotalMb, MB);
      show(temperature, figures.temperatureC, 1);
      show(power, figures.powerW, 1);
    }
  };
}
