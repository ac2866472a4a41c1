import { Counter, Histogram, type Registry } from 'prom-client';

const ANSWER_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30];
const MS_PER_SECOND = 1_000;

/** One answered request; `route` is the pattern, never the path, and `method` is from a closed set. */
export interface RequestRecord {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

export function createHttpMetrics(registry: Registry): (request: RequestRecord) => void {
  const registers = [registry];
  const requests = new Counter({
    name: 'gpu_http_requests_total',
    help: 'Requests answered.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'gpu_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['route', 'method'],
    buckets: ANSWER_BUCKETS_SECONDS,
    registers,
  });
  return ({ method, route, status, durationMs }) => {
    requests.inc({ method, route, status });
    seconds.observe({ method, route }, durationMs / MS_PER_SECOND);
  };
}
