import type { Static } from '@sinclair/typebox';
import type { ActivityRecord, Cause, Reading } from '../../domain/activity/activity.ts';
import { idleDeadline } from '../../domain/idleness.ts';
import type { Session } from '../../domain/session.ts';
import { toRfc3339 } from '../../domain/time.ts';
import type { SessionActivity } from '../../sessions/activity-reader.ts';
import type { ActivityAnswer } from '../schemas/activity-schemas.ts';
import { known } from './known.ts';

export function activityView({ session, records }: SessionActivity): Static<typeof ActivityAnswer> {
  return {
    session_id: session.id,
    status: session.status,
    idle_threshold_minutes: session.request.idleThresholdMinutes,
    ...idleView(session),
    activity: records.map(recordView),
    count: records.length,
  };
}

/** Where a session stands on the way to its idle end; nothing where it is not on it. */
export function idleView(session: Session) {
  const { idleSince, idleWarnedAt, stopAskedAt } = session;
  if (idleSince === undefined || stopAskedAt !== undefined) return {};
  const deadline = idleDeadline(session, idleSince);
  return known({
    idle_since: toRfc3339(idleSince),
    idle_warned_at: idleWarnedAt === undefined ? undefined : toRfc3339(idleWarnedAt),
    idle_deadline: deadline === undefined ? undefined : toRfc3339(deadline),
  });
}

function recordView({ at, source, verdict, because, reading, rates }: ActivityRecord) {
  return {
    at: toRfc3339(at),
    source,
    verdict,
    because: because.map(causeView),
    ...(reading ? readingView(reading) : {}),
    ...(rates
      ? known({
          cpus_busy: rounded(rates.cpusBusy, 3),
          network_bytes_per_second: rounded(rates.networkBytesPerSecond, 0),
          disk_bytes_per_second: rounded(rates.diskBytesPerSecond, 0),
        })
      : {}),
  };
}

function causeView({ reason, gpu, value }: Cause) {
  return { reason, ...known({ gpu, value: rounded(value, 3) }) };
}

function readingView({ gpus, work }: Reading) {
  return known({
    gpus: gpus?.map((gpu) =>
      known({
        utilization_percent: gpu.utilizationPercent,
        peak_percent: gpu.peakPercent,
        memory_used_mb: gpu.memoryUsedMb,
        memory_total_mb: gpu.memoryTotalMb,
        temperature_c: gpu.temperatureC,
        power_w: gpu.powerW,
      }),
    ),
    logins: work?.logins,
    gpu_processes: work?.gpuProcesses,
  });
}

function rounded(value: number | undefined, digits: number): number | undefined {
  return value === undefined ? undefined : Number(value.toFixed(digits));
}
