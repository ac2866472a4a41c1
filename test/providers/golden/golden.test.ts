import { describe, expect, it } from 'vitest';
import { sampleOf } from '../conformance/launch-order.ts';
import type { Exchange } from '../conformance/recorded-case.ts';
import { TENSORDOCK_V0_SUBJECT } from '../conformance/subjects/tensordock-v0.ts';
import { TENSORDOCK_V2_SUBJECT } from '../conformance/subjects/tensordock-v2.ts';
import { VASTAI_SUBJECT } from '../conformance/subjects/vastai.ts';
import {
  hostnodeAnswers,
  locationAnswers,
  searchAnswers,
  v0MachineAnswer,
  v2MachineAnswer,
  vastInstanceAnswer,
} from './answers.ts';
import { TENSORDOCK_TEXTS, VASTAI_REFUSALS } from './failure-texts.ts';
import { type GpuString, TENSORDOCK_GPUS, TENSORDOCK_NO_GPUS, VASTAI_GPUS } from './gpu-strings.ts';
import { TENSORDOCK_PLACES, VASTAI_PLACES } from './places.ts';
import { TENSORDOCK_STATUSES, VASTAI_STATUSES } from './statuses.ts';
import { launchFailureFrom, observationFrom, offersFrom } from './through-the-wire.ts';

const NOON = Date.UTC(2026, 0, 29, 12);

describe('the GPU strings of', () => {
  it('Vast.ai have the names, sizes and makers of the table', async () => {
    const rows = VASTAI_GPUS.map(({ says, reportedMb, vendor }, index) => ({
      id: index + 1,
      gpu_name: says,
      gpu_ram: reportedMb,
      gpu_arch: vendor,
    }));
    const offers = await offersFrom(VASTAI_SUBJECT, searchAnswers(rows));
    const seen = new Map(offers.map((offer) => [offer.providerId, offer]));
    for (const [index, { gpuType, vramGb, vendor }] of VASTAI_GPUS.entries()) {
      const offer = seen.get(String(index + 1));
      expect([offer?.gpuType, offer?.vramGb, offer?.facts?.['gpu_arch']]).toEqual([
        gpuType,
        vramGb,
        vendor,
      ]);
    }
  });

  it.each([
    ['TensorDock v2', TENSORDOCK_V2_SUBJECT, locationAnswers],
    ['TensorDock v0', TENSORDOCK_V0_SUBJECT, hostnodeAnswers],
  ] as const)('%s have the names and sizes of the table', async (_, subject, answersOf) => {
    const told = TENSORDOCK_GPUS.filter(
      ({ displayName }) => displayName === undefined || subject === TENSORDOCK_V2_SUBJECT,
    );
    const offers = await offersFrom(subject, answersOf(told));
    const expected = told.map(({ says, gpuType, vramGb }) => [says, gpuType, vramGb]);
    const seen = offers.map(({ adapterData, gpuType, vramGb }) => [
      adapterData['v0Name'],
      gpuType,
      vramGb,
    ]);
    expect(seen.sort()).toEqual(expected.sort());
  });

  it('TensorDock are not offered where they have no size', async () => {
    const answers = locationAnswers(TENSORDOCK_NO_GPUS);
    expect(await offersFrom(TENSORDOCK_V2_SUBJECT, answers)).toEqual([]);
  });

  it('all three APIs are at least 150, each once', () => {
    const all: readonly GpuString[] = [...VASTAI_GPUS, ...TENSORDOCK_GPUS];
    const keys = all.map(({ says, reportedMb }) => `${says} ${reportedMb ?? ''}`);
    expect(new Set(keys).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(150);
  });
});

describe('the places of', () => {
  it.each(VASTAI_PLACES)('Vast.ai: $written is in "$country"', async (place) => {
    const [offer] = await offersFrom(
      VASTAI_SUBJECT,
      searchAnswers([{ geolocation: place.written }]),
    );
    expect([offer?.location, offer?.country]).toEqual([place.location, place.country]);
  });

  it.each(TENSORDOCK_PLACES)('TensorDock: $written is in "$country"', async (place) => {
    const gpus: readonly GpuString[] = TENSORDOCK_GPUS.slice(0, 1);
    for (const offers of [
      await offersFrom(TENSORDOCK_V2_SUBJECT, locationAnswers(gpus, place.written)),
      await offersFrom(TENSORDOCK_V0_SUBJECT, hostnodeAnswers(gpus, place.written)),
    ]) {
      expect([offers[0]?.location, offers[0]?.country]).toEqual([place.location, place.country]);
    }
  });
});

describe('the statuses of', () => {
  it.each(VASTAI_STATUSES)(
    'Vast.ai: $actual, meant $intended, contract $current to $next, "$message" is $phase',
    async ({ phase, actual, intended, current, next, message, minutes = 60 }) => {
      const answer = vastInstanceAnswer({
        actual_status: actual,
        intended_status: intended,
        cur_state: current,
        next_state: next,
        status_msg: message ?? null,
        start_date: (NOON - minutes * 60_000) / 1_000,
      });
      expect((await observationFrom(VASTAI_SUBJECT, answer))?.phase).toBe(phase);
    },
  );

  it.each(TENSORDOCK_STATUSES)('TensorDock: "$word" is $phase', async ({ word, phase }) => {
    const seen = [
      await observationFrom(TENSORDOCK_V2_SUBJECT, v2MachineAnswer(word)),
      await observationFrom(TENSORDOCK_V0_SUBJECT, v0MachineAnswer(word)),
    ];
    const expected = phase === 'gone' ? undefined : phase;
    expect(seen.map((one) => one?.phase)).toEqual([expected, expected]);
  });
});

describe('a launch refused by', () => {
  it.each(VASTAI_REFUSALS)('Vast.ai with $status $code "$says" is $kind, $outcome', async (row) => {
    const body = { success: false, msg: row.says, ...(row.code && { error: row.code }) };
    const request = requestOf(sampleOf(VASTAI_SUBJECT, 'launch').wire);
    expect(
      await launchFailureFrom(VASTAI_SUBJECT, [{ request, status: row.status, body }]),
    ).toEqual({ kind: row.kind, outcome: row.outcome });
  });

  it.each(TENSORDOCK_TEXTS)('TensorDock with "$says" is $kind, $outcome', async (row) => {
    const { says, kind, outcome } = row;
    for (const body of [
      { status: 400, error: says },
      { error: says },
      { errors: [{ status: '400', title: 'Bad Request', detail: says }] },
    ]) {
      for (const status of [200, 400]) {
        const answers = always(TENSORDOCK_V2_SUBJECT, status, body);
        expect(await launchFailureFrom(TENSORDOCK_V2_SUBJECT, answers)).toEqual({ kind, outcome });
      }
    }
    for (const word of ['error', 'message', 'reason', 'detail']) {
      for (const status of [200, 400]) {
        const answers = always(TENSORDOCK_V0_SUBJECT, status, { success: false, [word]: says });
        expect(await launchFailureFrom(TENSORDOCK_V0_SUBJECT, answers)).toEqual({ kind, outcome });
      }
    }
  });
});

function requestOf(wire: readonly Exchange[]): string {
  return wire[0]?.request ?? '';
}

/** The same answer however often it is tried. */
function always(
  subject: typeof TENSORDOCK_V2_SUBJECT,
  status: number,
  body: unknown,
): readonly Exchange[] {
  const request = requestOf(sampleOf(subject, 'launch').wire);
  return [{ request, status, body, times: 'any' }];
}
