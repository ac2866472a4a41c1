import fc from 'fast-check';
import { ProviderFailure } from '../../../src/domain/errors.ts';
import type { Observation } from '../../../src/domain/instance.ts';
import type { Offer } from '../../../src/domain/offer.ts';
import { parseJson } from '../../../src/simulator/json.ts';
import { demand } from '../conformance/demand.ts';
import { recordedTarget, sampleOf } from '../conformance/launch-order.ts';
import { type PortCall, portCall } from '../conformance/port-calls.ts';
import type { Exchange } from '../conformance/recorded-case.ts';
import { recordedWire } from '../conformance/scripted-wire.ts';
import { type Settled, stageFor } from '../conformance/stage.ts';
import type { ConformanceSubject } from '../conformance/subject.ts';
import type { FuzzedSubject } from './fuzzed-subject.ts';
import { DISTORTION, distorted, MUTATION, mutated, textOf } from './mutations.ts';
import { assertSoundFailure, assertSoundObservation, assertSoundOffer } from './sound-values.ts';

/** No answer may keep an adapter busy for longer, in real milliseconds. */
const PATIENCE_MS = 3_000;

/** What has to be so whatever was answered. Rejects with the smallest answer for which it is not. */
export interface FuzzProperty {
  readonly name: string;
  readonly holds: (fuzzed: FuzzedSubject, extent: FuzzExtent) => Promise<void>;
}

export interface FuzzExtent {
  readonly numRuns: number;
  readonly seed: number;
}

/** Those of each method that the API has. */
export function propertiesOf(call: PortCall): readonly FuzzProperty[] {
  return [
    {
      name: `${call.name} gives a sound result or a failure of the port`,
      holds: (fuzzed, extent) => isSoundWhenDistorted(fuzzed, extent, call),
    },
    {
      name: `${call.name} gives a sound result or a failure for anything at all`,
      holds: (fuzzed, extent) => isSoundForAnything(fuzzed, extent, call),
    },
  ];
}

/** Those of single methods. */
export const PROPERTIES: readonly FuzzProperty[] = [
  { name: 'get takes a machine for gone only when the answer says so', holds: getIsGoneByWordOnly },
  { name: 'terminate takes only an acceptance or "there is none" for one', holds: endIsAccepted },
  { name: 'list shows as many machines as the answer has, or fails', holds: listIsWhole },
  { name: 'offers lose no row but the bad one', holds: onlyTheBadRowIsLost },
  { name: 'offers are none only when the answer has none', holds: menuIsNotEmptied },
  { name: 'launch names no machine that the answer does not', holds: launchNamesWhatWasSaid },
  {
    name: 'launch is unknown when the only answer is a success that cannot be read',
    holds: unreadableLaunchIsUnknown,
  },
];

function propertyHolds<Value>(
  extent: FuzzExtent,
  arbitrary: fc.Arbitrary<Value>,
  holds: (value: Value) => Promise<void>,
): Promise<void> {
  return fc.assert(fc.asyncProperty(arbitrary, holds), extent);
}

interface Asked {
  readonly end: Settled<unknown>;
  readonly answers: readonly Exchange[];
}

/** The call's end when each of its answers arrives as it stands here. */
async function asked(
  subject: ConformanceSubject,
  call: PortCall,
  answers: readonly Exchange[],
): Promise<Asked> {
  const target = await recordedTarget(subject);
  // An answer that is distorted may be asked for again.
  const wire = recordedWire(answers.map((one): Exchange => ({ ...one, times: 'any' })));
  const stage = stageFor(subject, wire.fetch);
  const startedMs = performance.now();
  const end = await stage.settled(call.ask(stage.provider, target));
  demand(performance.now() - startedMs < PATIENCE_MS, 'it took too long');
  if (end.kind === 'failed') {
    demand(end.error instanceof ProviderFailure, `it threw ${String(end.error)}`);
    assertSoundFailure(end.error, subject.secrets);
  }
  return { end, answers };
}

/** Good and bad answers of the call, as they were recorded. */
function recordingsOf(
  { recorded }: ConformanceSubject,
  call: PortCall,
): fc.Arbitrary<readonly Exchange[]> {
  const recordings = recorded.filter((one) => one.call === call.name && one.order === undefined);
  return fc.constantFrom(...recordings.map(({ wire }) => wire));
}

async function isSoundWhenDistorted(
  { subject }: FuzzedSubject,
  extent: FuzzExtent,
  call: PortCall,
): Promise<void> {
  const arbitrary = fc.tuple(recordingsOf(subject, call), fc.array(DISTORTION, { minLength: 1 }));
  await propertyHolds(extent, arbitrary, async ([wire, distortions]) => {
    const answers = wire.map((one, index) => {
      const distortion = distortions[index % distortions.length];
      return distortion ? distorted(one, distortion) : one;
    });
    const { end } = await asked(subject, call, answers);
    if (end.kind === 'done') assertSound(call, end.value);
  });
}

async function isSoundForAnything(
  { subject }: FuzzedSubject,
  extent: FuzzExtent,
  call: PortCall,
): Promise<void> {
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }).map((value) => textOf(value) ?? ''),
    fc.string({ unit: 'binary', maxLength: 2_000 }),
    fc.webUrl().map((url) => `<html><a href="${url}">${url}</a></html>`),
  );
  const arbitrary = fc.tuple(fc.integer({ min: 200, max: 599 }), anything);
  const { wire } = sampleOf(subject, call.name);
  await propertyHolds(extent, arbitrary, async ([status, text]) => {
    const { end } = await asked(
      subject,
      call,
      wire.map(({ request }) => ({ request, status, text })),
    );
    if (end.kind === 'done') assertSound(call, end.value);
  });
}

async function getIsGoneByWordOnly(fuzzed: FuzzedSubject, extent: FuzzExtent): Promise<void> {
  const { subject } = fuzzed;
  const call = portCall('get');
  const arbitrary = fc.tuple(recordingsOf(subject, call), DISTORTION);
  await propertyHolds(extent, arbitrary, async ([wire, distortion]) => {
    const { end, answers } = await asked(
      subject,
      call,
      wire.map((one) => distorted(one, distortion)),
    );
    if (end.kind === 'failed' || end.value !== undefined) return;
    demand(answers.some(fuzzed.saysGone), `gone by ${JSON.stringify(answers).slice(0, 500)}`);
  });
}

async function endIsAccepted(fuzzed: FuzzedSubject, extent: FuzzExtent): Promise<void> {
  const { subject } = fuzzed;
  const call = portCall('terminate');
  const arbitrary = fc.tuple(recordingsOf(subject, call), DISTORTION);
  await propertyHolds(extent, arbitrary, async ([wire, distortion]) => {
    const { end, answers } = await asked(
      subject,
      call,
      wire.map((one) => distorted(one, distortion)),
    );
    if (end.kind === 'failed') return;
    const isAccepted = answers.some(
      ({ status, text = '' }) =>
        status === 204 || (status < 300 && !text.trimStart().startsWith('<')),
    );
    demand(isAccepted || answers.some(fuzzed.saysGone), 'it was no acceptance');
  });
}

async function listIsWhole(fuzzed: FuzzedSubject, extent: FuzzExtent): Promise<void> {
  const { subject } = fuzzed;
  const call = portCall('list');
  const { wire } = sampleOf(subject, 'list');
  await propertyHolds(extent, DISTORTION, async (distortion) => {
    const { end, answers } = await asked(
      subject,
      call,
      wire.map((one) => distorted(one, distortion)),
    );
    if (end.kind === 'failed' || !Array.isArray(end.value)) return;
    const shown = fuzzed.machinesIn(parseJson(answers[0]?.text ?? ''));
    const isNone = end.value.length === 0 && (shown ?? 0) === 0;
    const isWhole = end.value.length === shown;
    demand(isNone || isWhole || answers.some(fuzzed.saysGone), `${end.value.length} of ${shown}`);
    demand(shown !== undefined || subject.api === 'vastai', 'a list where there was none');
  });
}

async function onlyTheBadRowIsLost(fuzzed: FuzzedSubject, extent: FuzzExtent): Promise<void> {
  const { subject } = fuzzed;
  const call = portCall('offers');
  const [main, ...aside] = sampleOf(subject, 'offers').wire;
  if (!main) throw new Error('the sample of offers has no answers');
  const rows = 6;
  const whole = offersIn(
    (await asked(subject, call, [withBody(main, fuzzed.offersWith(rows, same)), ...aside])).end,
  );
  demand(
    new Set(whole.map(({ providerId }) => providerId)).size === rows,
    'the rows are not alike',
  );
  const arbitrary = fc.tuple(fc.nat(rows - 1), fc.array(MUTATION, { minLength: 1, maxLength: 3 }));
  await propertyHolds(extent, arbitrary, async ([bad, mutations]) => {
    const body = fuzzed.offersWith(rows, (row, index) =>
      index === bad ? (mutations.reduce<unknown>(mutated, row) ?? null) : row,
    );
    const answer = { ...withBody(main, undefined), text: textOf(body) ?? '' };
    const offers = offersIn((await asked(subject, call, [answer, ...aside])).end);
    const lost = idsBut(whole, bad).filter((id) => !offers.some((offer) => offer.id === id));
    demand(lost.length === 0, `lost ${lost.join(', ')}`);
  });

  function idsBut(offers: readonly Offer[], bad: number): readonly string[] {
    const places = [...new Set(whole.map(({ providerId }) => providerId))];
    return offers.filter(({ providerId }) => providerId !== places[bad]).map(({ id }) => id);
  }
}

async function menuIsNotEmptied(fuzzed: FuzzedSubject, extent: FuzzExtent): Promise<void> {
  const { subject } = fuzzed;
  const call = portCall('offers');
  const [main, ...aside] = sampleOf(subject, 'offers').wire;
  if (!main) throw new Error('the sample of offers has no answers');
  await propertyHolds(extent, DISTORTION, async (distortion) => {
    const answer = distorted(withBody(main, fuzzed.offersWith(8, same)), distortion);
    const { end } = await asked(subject, call, [answer, ...aside]);
    if (end.kind === 'failed' || offersIn(end).length > 0) return;
    const rows = fuzzed.offerRowsIn(parseJson(answer.text ?? ''));
    demand(answer.status < 300 && rows === 0, `an empty menu of ${rows} rows`);
  });
}

async function launchNamesWhatWasSaid(fuzzed: FuzzedSubject, extent: FuzzExtent): Promise<void> {
  const { subject } = fuzzed;
  const call = portCall('launch');
  const arbitrary = fc.tuple(recordingsOf(subject, call), DISTORTION);
  await propertyHolds(extent, arbitrary, async ([wire, distortion]) => {
    const { end, answers } = await asked(
      subject,
      call,
      wire.map((one) => distorted(one, distortion)),
    );
    const text = answers.map((one) => one.text).join(' ');
    const named = end.kind === 'done' ? idIn(end.value) : leftoverIn(end.error);
    demand(named === undefined || text.includes(named), `${named} was never said`);
    if (end.kind === 'done')
      demand(
        answers.some(({ status }) => status < 300),
        'it was refused',
      );
  });
}

async function unreadableLaunchIsUnknown(fuzzed: FuzzedSubject, extent: FuzzExtent): Promise<void> {
  const { subject } = fuzzed;
  const call = portCall('launch');
  const { wire } = sampleOf(subject, 'launch');
  const noise = fc.string({ unit: 'binary', maxLength: 500 }).filter((text) => {
    return parseJson(text) === undefined;
  });
  await propertyHolds(
    extent,
    fc.tuple(fc.constantFrom(200, 201, 202), noise),
    async ([status, text]) => {
      const answers = wire.map(({ request }) => ({ request, status, text }));
      const { end } = await asked(subject, call, answers);
      demand(end.kind === 'failed' && end.error instanceof ProviderFailure, 'it rented');
      demand(end.error.outcome === 'unknown', 'it is called not done');
    },
  );
}

function assertSound({ name }: PortCall, value: unknown): void {
  switch (name) {
    case 'offers':
      for (const offer of asOffers(value)) assertSoundOffer(offer);
      return;
    case 'list':
      for (const seen of asObservations(value)) assertSoundObservation(seen);
      return;
    case 'get':
      for (const seen of asObservations(value === undefined ? [] : [value]))
        assertSoundObservation(seen);
      return;
    case 'launch':
      demand(/^[A-Za-z0-9_-]{1,128}$/.test(idIn(value) ?? ''), 'the id is none');
      return;
    case 'balance':
      demand(value === undefined || isStatement(value), `a balance of ${JSON.stringify(value)}`);
      return;
    case 'charges':
      demand(JSON.stringify(value) !== undefined && isWholeMoney(value), 'a charge is no amount');
      return;
    default:
  }
}

function isWholeMoney(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  return value.every((one) => Number.isSafeInteger(one.total) && Number.isSafeInteger(one.traffic));
}

function same(row: unknown): unknown {
  return row;
}

function withBody(exchange: Exchange, body: unknown): Exchange {
  const { text: _, ...rest } = exchange;
  return { ...rest, body };
}

function offersIn(end: Settled<unknown>): readonly Offer[] {
  if (end.kind === 'failed') throw end.error;
  return asOffers(end.value);
}

/** Results of the port's own methods, whose types the list of calls does not carry. */
function asOffers(value: unknown): readonly Offer[] {
  return value as readonly Offer[];
}

function asObservations(value: unknown): readonly Observation[] {
  return value as readonly Observation[];
}

function idIn(receipt: unknown): string | undefined {
  const isReceipt = typeof receipt === 'object' && receipt !== null && 'id' in receipt;
  return isReceipt ? String(receipt.id) : undefined;
}

function leftoverIn(error: unknown): string | undefined {
  return error instanceof ProviderFailure ? error.leftover : undefined;
}

function isStatement(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('amount' in value)) return false;
  const burn = 'burnPerHour' in value ? value.burnPerHour : 0;
  return Number.isSafeInteger(value.amount) && Number.isSafeInteger(burn) && Number(burn) >= 0;
}
