import type { Static } from '@sinclair/typebox';
import { idleMinutes } from '../../domain/idleness.ts';
import type { MachineReport } from '../../domain/machine-report.ts';
import type { Session } from '../../domain/session.ts';
import { type EpochMs, MINUTE_MS, toRfc3339 } from '../../domain/time.ts';
import type { Examination } from '../../sessions/diagnostics.ts';
import type { DiagnosticsAnswer } from '../schemas/diagnostics-schemas.ts';
import { endpointUrl } from './endpoint-url.ts';
import { findingNote } from './finding-note.ts';
import { known } from './known.ts';
import { roundedGb } from './rounded-gb.ts';

type Examined = Extract<Examination, { kind: 'examined' }>;

export function diagnosticsView(
  { session, instance, finding }: Examined,
  now: EpochMs,
): Static<typeof DiagnosticsAnswer> {
  return {
    session_id: session.id,
    status: session.status,
    provider: instance.provider,
    gpu_type: instance.offer.gpuType,
    gpu_count: instance.offer.gpuCount,
    launch_mode: session.request.workload.kind,
    api_endpoint: instance.endpoint ? endpointUrl(instance.endpoint) : '',
    created_at: toRfc3339(session.createdAt),
    expires_at: toRfc3339(session.expiresAt),
    uptime: spanOf(now - (session.runningAt ?? now)),
    time_to_expiry: spanOf(session.expiresAt - now),
    ssh_available: finding.kind === 'logged_in' || finding.kind === 'key_accepted',
    note: findingNote(finding, { session, instance }),
    ...known({
      ssh_host: instance.address?.host,
      ssh_port: instance.address?.port,
      ssh_user: instance.address?.user,
      idle_minutes: idleFigure(session, now),
    }),
    ...(finding.kind === 'logged_in' ? reportView(finding.report) : {}),
  };
}

/** What the machine said of itself, as far as it did. */
function reportView({ gpus, driverVersion, cudaVersion, diskFreeBytes }: MachineReport) {
  return known({
    gpu: gpus?.map((gpu) => ({
      name: gpu.name,
      ...known({
        memory_total_mb: gpu.memoryTotalMb,
        memory_used_mb: gpu.memoryUsedMb,
        utilization_percent: gpu.utilizationPercent,
        temperature_c: gpu.temperatureC,
        power_w: gpu.powerW,
      }),
    })),
    driver_version: driverVersion,
    cuda_version: cudaVersion,
    disk_free_gb: diskFreeBytes === undefined ? undefined : roundedGb(diskFreeBytes),
  });
}

/** Where neither an agent nor a look has told, nobody knows whether the machine is idle. */
function idleFigure(session: Session, now: EpochMs): number | undefined {
  return session.lastActiveAt === undefined ? undefined : idleMinutes(session, now);
}

/** `1h 30m`, or `30m` below an hour; whole minutes, and never below none. */
function spanOf(spanMs: number): string {
  const minutes = Math.max(0, Math.floor(spanMs / MINUTE_MS));
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours}h ${minutes % 60}m` : `${minutes}m`;
}
