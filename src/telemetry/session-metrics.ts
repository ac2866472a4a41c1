import { Counter, Histogram, type Registry } from 'prom-client';

/** From a fast container start to the longest boot that is waited for. */
const BOOT_BUCKETS_SECONDS = [5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 3600];

export type SessionMetrics = ReturnType<typeof createSessionMetrics>;

/** What becomes of sessions and their attempts. */
export function createSessionMetrics(registry: Registry) {
  const registers = [registry];
  return {
    sessionsCreated: new Counter({
      name: 'gpu_sessions_created_total',
      help: 'Sessions created, by the provider of the first offer.',
      labelNames: ['provider'],
      registers,
    }),
    sessionsEnded: new Counter({
      name: 'gpu_sessions_ended_total',
      help: 'Sessions that reached their end, by final status and reason.',
      labelNames: ['provider', 'status', 'reason'],
      registers,
    }),
    provisioningSeconds: new Histogram({
      name: 'gpu_provisioning_duration_seconds',
      help: 'Time from the creation of a session to its first login.',
      labelNames: ['provider'],
      buckets: BOOT_BUCKETS_SECONDS,
      registers,
    }),
    launches: new Counter({
      name: 'gpu_launches_total',
      help: 'Launches by outcome: accepted, refused, unknown, adopted, never_happened.',
      labelNames: ['provider', 'api', 'outcome'],
      registers,
    }),
    attemptFailures: new Counter({
      name: 'gpu_attempt_failures_total',
      help: 'Attempts that did not serve, by what went wrong.',
      labelNames: ['provider', 'api', 'code'],
      registers,
    }),
    verifySeconds: new Histogram({
      name: 'gpu_ssh_verify_duration_seconds',
      help: 'Time from the first address of an instance to a login that worked.',
      buckets: BOOT_BUCKETS_SECONDS,
      registers,
    }),
    verifyFailures: new Counter({
      name: 'gpu_ssh_verify_failures_total',
      help: 'Attempts given up because no login worked in time.',
      registers,
    }),
    logins: new Counter({
      name: 'gpu_ssh_logins_total',
      help: 'Single tries to log in, by outcome; a booting instance refuses many.',
      labelNames: ['provider', 'outcome'],
      registers,
    }),
    ...createReadinessMetrics(registers),
    ...createServiceMetrics(registers),
    ...createWatchMetrics(registers),
    ...createOddsMetrics(registers),
    destroyFailures: new Counter({
      name: 'gpu_destroy_failures_total',
      help: 'Terminate calls that failed; each is asked again.',
      registers,
    }),
    stopFailures: new Counter({
      name: 'gpu_stop_failures_total',
      help: 'Calls that stop a machine with its disk kept and that failed; each is asked again.',
      registers,
    }),
    leakedSeconds: new Counter({
      name: 'gpu_leaked_instance_seconds_total',
      help: 'Time for which instances went on after they should have ended.',
      labelNames: ['provider'],
      registers,
    }),
  };
}

/** What machines are found to be when they are first logged in to. */
function createReadinessMetrics(registers: Registry[]) {
  return {
    mismatches: new Counter({
      name: 'gpu_machine_mismatches_total',
      help: 'Things in which machines were less than their offers said, by kind.',
      labelNames: ['provider', 'kind'],
      registers,
    }),
  };
}

/** How workloads of entrypoint sessions come up. */
function createServiceMetrics(registers: Registry[]) {
  return {
    serviceSeconds: new Histogram({
      name: 'gpu_service_ready_duration_seconds',
      help: 'Time from the first endpoint of a workload to its first good answer over HTTP.',
      buckets: BOOT_BUCKETS_SECONDS,
      registers,
    }),
    serviceTries: new Counter({
      name: 'gpu_service_checks_total',
      help: 'Single looks whether a workload serves, by outcome; one that loads its model says no to many.',
      labelNames: ['provider', 'outcome'],
      registers,
    }),
  };
}

/** Whether estimates come true. */
function createOddsMetrics(registers: Registry[]) {
  return {
    launchesByConfidence: new Counter({
      name: 'gpu_launches_judged_total',
      help: 'Launches whose outcome says something of the offer, by the tenth that its availability_confidence was in: ran, gone, broken; lost_early is one that ran before.',
      labelNames: ['provider', 'outcome', 'confidence'],
      registers,
    }),
  };
}

/** What happens to machines that serve. */
function createWatchMetrics(registers: Registry[]) {
  return {
    loginChanges: new Counter({
      name: 'gpu_login_changes_total',
      help: 'Logins to running machines that were lost, worked again, or met another host key.',
      labelNames: ['provider', 'change'],
      registers,
    }),
    interruptions: new Counter({
      name: 'gpu_sessions_interrupted_total',
      help: 'Running sessions whose machine the market took and that waited for another one.',
      labelNames: ['provider', 'code'],
      registers,
    }),
  };
}
