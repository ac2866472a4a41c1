import { sampleOf } from '../conformance/launch-order.ts';
import type { Exchange, RecordedCase } from '../conformance/recorded-case.ts';
import type { ConformanceSubject } from '../conformance/subject.ts';
import { TENSORDOCK_V0_SUBJECT } from '../conformance/subjects/tensordock-v0.ts';
import { TENSORDOCK_V2_SUBJECT } from '../conformance/subjects/tensordock-v2.ts';
import { VASTAI_SUBJECT } from '../conformance/subjects/vastai.ts';
import type { GpuString } from './gpu-strings.ts';

/** Recorded answers with one thing of them replaced: the rest is as the documents have it. */
type Json = Readonly<Record<string, unknown>>;
type Call = RecordedCase['call'];
type Card = Pick<GpuString, 'says' | 'displayName'>;
type Parts = readonly [city: string | null, region: string | null, country: string | null];

/** The recorded offer once for each of the rows, in one search. */
export function searchAnswers(rows: readonly Json[]): readonly Exchange[] {
  return changedSample(VASTAI_SUBJECT, 'offers', (body) => {
    const [offer] = listAt(body, 'offers');
    return { offers: rows.map((row, index) => ({ ...offer, machine_id: index + 1, ...row })) };
  });
}

/** One location with a single card of each of these. */
export function locationAnswers(
  cards: readonly Card[],
  [city, stateprovince, country]: Parts = ['Austin', 'Texas', 'United States'],
): readonly Exchange[] {
  return changedSample(TENSORDOCK_V2_SUBJECT, 'offers', (body) => {
    const [location = {}] = listAt(objectAt(body, 'data'), 'locations');
    const [gpu] = listAt(location, 'gpus');
    const gpus = cards.map(({ says, displayName }) => ({
      ...gpu,
      v0Name: says,
      displayName: displayName ?? says,
      max_count: 1,
    }));
    return { data: { locations: [{ ...location, city, stateprovince, country, gpus }] } };
  });
}

/** One hostnode with a single card of each of these. */
export function hostnodeAnswers(
  cards: readonly Card[],
  [city, region, country]: Parts = ['Austin', 'Texas', 'United States'],
): readonly Exchange[] {
  return changedSample(TENSORDOCK_V0_SUBJECT, 'offers', (body) => {
    const [[id = '', node] = []] = Object.entries(objectAt(body, 'hostnodes'));
    const host = isJson(node) ? node : {};
    const gpu = Object.fromEntries(cards.map(({ says }) => [says, { amount: 1, price: 0.4 }]));
    const location = { ...objectAt(host, 'location'), city, region, country };
    const specs = { ...objectAt(host, 'specs'), gpu };
    return { success: true, hostnodes: { [id]: { ...host, location, specs } } };
  });
}

export function vastInstanceAnswer(fields: Json): readonly Exchange[] {
  const answers = changedSample(VASTAI_SUBJECT, 'get', (body) => ({
    instances: { ...objectAt(body, 'instances'), ...fields },
  }));
  // Beside a stop that nothing explains the account is looked at.
  const account = sampleOf(VASTAI_SUBJECT, 'balance').wire;
  return [...answers, ...account.map((one): Exchange => ({ ...one, times: 'any' }))];
}

export function v2MachineAnswer(status: string): readonly Exchange[] {
  return changedSample(TENSORDOCK_V2_SUBJECT, 'get', (body) => ({ ...body, status }));
}

export function v0MachineAnswer(status: string): readonly Exchange[] {
  return changedSample(TENSORDOCK_V0_SUBJECT, 'get', (body) => ({
    success: true,
    virtualmachine: { ...objectAt(body, 'virtualmachine'), status },
  }));
}

/** The first answer of the sample is the one that is about the matter; the others stand beside it. */
function changedSample(
  subject: ConformanceSubject,
  call: Call,
  change: (body: Json) => Json,
): readonly Exchange[] {
  return sampleOf(subject, call).wire.map((exchange, index) =>
    index === 0 && isJson(exchange.body) ? { ...exchange, body: change(exchange.body) } : exchange,
  );
}

function objectAt(value: Json, name: string): Json {
  const found = value[name];
  return isJson(found) ? found : {};
}

function listAt(value: Json, name: string): readonly Json[] {
  const found = value[name];
  return Array.isArray(found) ? found.filter(isJson) : [];
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
