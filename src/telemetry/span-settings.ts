/** What the standard variables of OpenTelemetry ask for, as far as it is decided here; the libraries read the others themselves. */
export interface SpanSettings {
  /** Undefined where nobody asks for spans, or they cannot be sent as they are asked for. */
  readonly protocol: SpanProtocol | undefined;
  readonly remarks: readonly Remark[];
}

export type SpanProtocol = 'http/protobuf' | 'http/json';

/** A variable that is set and does not do what it says. Its value is not told: an address may hold a password. */
export interface Remark {
  readonly variable: string;
  readonly reason: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;
const PROTOCOLS = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'] as const;
const NO_SPANS = 'spans are sent as http/protobuf or http/json; none are sent';

/** An empty variable counts as one that is not set, and the name for traces goes before the general one (OpenTelemetry, SDK environment variables). */
export function spanSettings(env: Env): SpanSettings {
  const off = { protocol: undefined, remarks: [] };
  if (readVariable(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return off;
  const exporters = readVariable(env, 'OTEL_TRACES_EXPORTER')
    ?.split(',')
    .map((name) => name.trim());
  const endpoint = firstSet(env, ENDPOINTS);
  if (exporters?.includes('none') || (!exporters && !endpoint)) return off;
  const remarks = [...exporterRemarks(exporters ?? []), ...otherSignals(env)];
  const protocol = protocolOf(env, remarks);
  const isReachable = endpoint === undefined || isHttpUrl(endpoint.value);
  if (endpoint && !isReachable) {
    remarks.push({
      variable: endpoint.name,
      reason: 'not an http or https URL; no spans are sent',
    });
  }
  const isAsked = exporters === undefined || exporters.includes('otlp');
  return { protocol: isAsked && isReachable ? protocol : undefined, remarks };
}

function exporterRemarks(exporters: readonly string[]): Remark[] {
  return exporters.every((name) => name === 'otlp')
    ? []
    : [{ variable: 'OTEL_TRACES_EXPORTER', reason: 'of its values otlp and none are known' }];
}

function otherSignals(env: Env): Remark[] {
  const reason =
    'only spans are sent; metrics are at /metrics, and the log goes to standard output';
  return ['OTEL_METRICS_EXPORTER', 'OTEL_LOGS_EXPORTER']
    .filter((variable) => (readVariable(env, variable) ?? 'none') !== 'none')
    .map((variable) => ({ variable, reason }));
}

function protocolOf(env: Env, remarks: Remark[]): SpanProtocol | undefined {
  const asked = firstSet(env, PROTOCOLS);
  if (!asked) return 'http/protobuf';
  if (asked.value === 'http/protobuf' || asked.value === 'http/json') return asked.value;
  remarks.push({ variable: asked.name, reason: NO_SPANS });
  return undefined;
}

function firstSet(env: Env, names: readonly string[]) {
  for (const name of names) {
    const value = readVariable(env, name);
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

function readVariable(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
