import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Offer } from '../../../src/domain/offer.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../../support/broker-world.ts';
import { offer } from '../../support/builders.ts';
import { type FakeProvider, fakeProvider } from '../../support/fake-provider.ts';
import { type ManualClock, manualClock } from '../../support/manual-clock.ts';
import { wholeMenu } from '../../support/whole-menu.ts';
import { LEAST_BODY, SESSION_ID } from '../http-world.ts';
import { FUZZ_RUNS, FUZZ_SEED } from './fuzz-settings.ts';
import { type FuzzedWorld, fuzzedWorld } from './fuzzed-world.ts';
import { anyRequest, type HostileRequest } from './hostile-requests.ts';

const MACHINES = 40;
const RUNS = Math.min(FUZZ_RUNS, 3000);
const TIMEOUT_MS = 60_000 + RUNS * 200;
/** As long as a session can be: time passes while answers are waited for. */
const WITNESS_HOURS = 12;
/** Far longer than an end is waited for. */
const LONGEST_ANSWER_S = 120;
const FOREIGN = ['somebody-elses', 'gpub-other1-abcdefgh12345678-1', '', undefined];

let clock: ManualClock;
let market: FakeProvider;
let real: BrokerWorld;
let fuzzed: FuzzedWorld;
let witnessId: string;

beforeAll(async () => {
  clock = manualClock();
  market = fakeProvider({ clock, menu: machines() });
  for (const tag of FOREIGN) market.add({ tag });
  real = await brokerWorld({ clock, providers: [market] });
  const { broker } = real;
  fuzzed = await fuzzedWorld({
    menu: broker.menu,
    sessions: broker.sessions,
    orphans: broker.orphans,
    costs: broker.costs,
    incidents: broker.incidents,
    phase: broker.phase,
    now: () => clock.now(),
    providers: [market.name],
    settle,
  });
  const { session } = await real.create({
    choice: { kind: 'offer', offerId: 'alpha-0' },
    reservationHours: WITNESS_HOURS,
  });
  witnessId = session.id;
  await clock.advance(MINUTE_MS);
}, TIMEOUT_MS);

afterAll(() => real.close());

function machines(): readonly Offer[] {
  return Array.from({ length: MACHINES }, (_, number) => offer({ id: `alpha-${number}` }));
}

/** Time goes on as long as the answer waits for it. */
async function settle<Answer>(answering: Promise<Answer>): Promise<Answer> {
  let isAnswered = false;
  const note = (): void => {
    isAnswered = true;
  };
  answering.then(note, note);
  for (let second = 0; !isAnswered && second < LONGEST_ANSWER_S; second += 1) {
    await clock.advance(second === 0 ? 0 : SECOND_MS);
  }
  return answering;
}

/** What is said of the made-up session and offer is said of real ones, never of the witness. */
async function aimed(request: HostileRequest): Promise<HostileRequest> {
  const { sessions } = await real.broker.sessions.page({ limit: 5, offset: 0 });
  const victim = sessions.find(({ id }) => id !== witnessId)?.id ?? SESSION_ID;
  const free = wholeMenu(real.broker.menu)[0]?.id ?? 'alpha-0';
  const { url, payload } = request;
  return {
    ...request,
    url: url.replaceAll(SESSION_ID, victim),
    ...(typeof payload === 'string'
      ? { payload: payload.replaceAll(LEAST_BODY.offer_id, free) }
      : {}),
  };
}

function launchedTags(): readonly string[] {
  return market.calls.filter(({ operation }) => operation === 'launch').map(({ about }) => about);
}

/** Of machines that were rented here and are not gone. */
function aliveTags(): readonly string[] {
  const launched = new Set(launchedTags());
  const alive = market.instances.filter(({ isGone }) => !isGone);
  return alive.map(({ tag }) => tag ?? '').filter((tag) => launched.has(tag));
}

describe('a whole broker behind the server', () => {
  it(
    `gives documented answers alone to ${RUNS} requests of FUZZ_SEED ${FUZZ_SEED}`,
    async () => {
      const property = fc.asyncProperty(anyRequest(fuzzed.routes), async (request) => {
        await fuzzed.send(await aimed(request));
      });
      // What went before decides over an answer, so that a smaller request alone would tell nothing.
      await fc.assert(property, { numRuns: RUNS, seed: FUZZ_SEED, endOnFailure: true });
    },
    TIMEOUT_MS,
  );

  it('has left alone the session that nobody spoke of', async () => {
    const witness = await real.session(witnessId);
    expect(witness.status).toBe('running');
    expect(witness.expiresAt).toBe((witness.runningAt ?? 0) + WITNESS_HOURS * HOUR_MS);
    expect(market.calls).not.toContainEqual({ operation: 'terminate', about: 'alpha-i5' });
  });

  it('has left alone what is not ours', () => {
    const foreign = market.instances.filter(({ tag }) => FOREIGN.includes(tag));
    expect(foreign.map(({ isGone }) => isGone)).toEqual(FOREIGN.map(() => false));
  });

  it('has rented, and never twice at a time for one session', async () => {
    await clock.advance(5 * MINUTE_MS);
    const tags = launchedTags();
    expect(tags.length).toBeGreaterThan(1);
    expect(new Set(tags).size).toBe(tags.length);
    const owners = aliveTags().map((tag) => tag.replace(/-\d+$/, ''));
    expect(new Set(owners).size).toBe(owners.length);
  });

  it(
    'still ends what it is asked to end',
    async () => {
      const { sessions } = await real.broker.sessions.page({ limit: 1000, offset: 0 });
      for (const { id } of sessions.filter((one) => one.id !== witnessId)) {
        const url = `/sessions/${id}`;
        const { statusCode, body } = await fuzzed.send({ method: 'DELETE', url, headers: {} });
        expect(statusCode, body).toBe(200);
      }
      const [witness] = launchedTags();
      expect(aliveTags()).toEqual([witness]);
    },
    TIMEOUT_MS,
  );
});
