/** One answered request; `route` is the pattern, never the path, and `method` is from a closed set. */
export interface RequestRecord {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface HttpMetrics {
  record(request: RequestRecord): void;
  /** In Prometheus text form, version 0.0.4. */
  render(): string;
}

const ANSWER_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30];
const MS_PER_SECOND = 1_000;

/** What was answered on one route with one method. */
interface Tally {
  readonly labels: string;
  readonly byStatus: Map<number, number>;
  /** Answers that took no longer than the bucket of the same index and longer than the one before; the last is all others. */
  readonly byTime: number[];
  sumSeconds: number;
  count: number;
}

/**
 * The only figures that every request touches, and therefore counted by hand: with the metrics library, which hashes the
 * labels of each observation, they take as long as finding the answer does.
 */
export function createHttpMetrics(): HttpMetrics {
  const tallies = new Map<string, Map<string, Tally>>();
  return {
    record: (request) => {
      const tally = tallyOf(tallies, request);
      const seconds = request.durationMs / MS_PER_SECOND;
      const bucket = bucketOf(seconds);
      tally.byStatus.set(request.status, (tally.byStatus.get(request.status) ?? 0) + 1);
      tally.byTime[bucket] = (tally.byTime[bucket] ?? 0) + 1;
      tally.sumSeconds += seconds;
      tally.count += 1;
    },
    render: () => {
      const all = [...tallies.values()].flatMap((byRoute) => [...byRoute.values()]);
      return [
        '# HELP gpu_http_requests_total Requests answered.',
        '# TYPE gpu_http_requests_total counter',
        ...all.flatMap(countLines),
        '',
        '# HELP gpu_http_request_duration_seconds Time from a request to the end of its answer.',
        '# TYPE gpu_http_request_duration_seconds histogram',
        ...all.flatMap(timeLines),
        '',
      ].join('\n');
    },
  };
}

/** Both labels are from closed sets, and so is the number of tallies. */
function tallyOf(
  tallies: Map<string, Map<string, Tally>>,
  { method, route }: RequestRecord,
): Tally {
  const byRoute = tallies.get(method) ?? new Map<string, Tally>();
  const known = byRoute.get(route);
  if (known) return known;
  const tally = {
    labels: `method="${method}",route="${route}"`,
    byStatus: new Map(),
    byTime: Array.from({ length: ANSWER_BUCKETS_SECONDS.length + 1 }, () => 0),
    sumSeconds: 0,
    count: 0,
  };
  byRoute.set(route, tally);
  tallies.set(method, byRoute);
  return tally;
}

function bucketOf(seconds: number): number {
  let bucket = 0;
  while (bucket < ANSWER_BUCKETS_SECONDS.length && seconds > (ANSWER_BUCKETS_SECONDS[bucket] ?? 0))
    bucket += 1;
  return bucket;
}

function countLines({ labels, byStatus }: Tally): readonly string[] {
  return [...byStatus].map(
    ([status, count]) => `gpu_http_requests_total{${labels},status="${status}"} ${count}`,
  );
}

/** Buckets count what is in the ones before them too. */
function timeLines({ labels, byTime, sumSeconds, count }: Tally): readonly string[] {
  let upTo = 0;
  const buckets = ANSWER_BUCKETS_SECONDS.map((bound, index) => {
    upTo += byTime[index] ?? 0;
    return `gpu_http_request_duration_seconds_bucket{le="${bound}",${labels}} ${upTo}`;
  });
  return [
    ...buckets,
    `gpu_http_request_duration_seconds_bucket{le="+Inf",${labels}} ${count}`,
    `gpu_http_request_duration_seconds_sum{${labels}} ${sumSeconds}`,
    `gpu_http_request_duration_seconds_count{${labels}} ${count}`,
  ];
}
