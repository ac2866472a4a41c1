import fc from 'fast-check';
import type { CostEntry } from '../../src/domain/cost-entry.ts';
import { makeTag } from '../../src/domain/ids.ts';
import { INSTANCE_STATES, type Instance } from '../../src/domain/instance.ts';
import { type Offer, PRICE_PARTS } from '../../src/domain/offer.ts';
import { SESSION_STATUSES, type Session, STOP_REASONS } from '../../src/domain/session.ts';
import { DEPLOYMENT, offer, request, START, sessionId } from './builders.ts';

/** Plain objects, as the code makes them, so that they compare strictly with what was loaded. */
const PLAIN = { noNullPrototype: true } as const;

const instant = fc.integer({ min: START, max: START + 2_000_000_000 });
const micro = fc.integer({ min: 0, max: 50_000_000 });
const count = fc.integer({ min: 0, max: 99 });
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const word = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
const price = fc.record({ gpu: micro, cpu: micro, ram: micro, disk: micro }, PLAIN);

const anyOffer: fc.Arbitrary<Offer> = fc
  .record({
    provider: word,
    api: word,
    gpuType: text,
    price,
    cudaVersion: word,
    adapterData: fc.dictionary(word, text, PLAIN),
  })
  .map((fields) => offer(fields));

const costEntry: fc.Arbitrary<CostEntry> = fc
  .record({
    part: fc.constantFrom(...PRICE_PARTS),
    rateMicroUsdPerHour: micro,
    startedAt: instant,
    lengthMs: fc.option(fc.nat(10_000_000), { nil: undefined }),
  })
  .map(({ lengthMs, ...line }) =>
    lengthMs === undefined ? line : { ...line, endedAt: line.startedAt + lengthMs },
  );

const requiredFields = {
  role: fc.constantFrom('attempt' as const, 'stray' as const),
  offer: anyOffer,
  diskGb: fc.integer({ min: 8, max: 10_000 }),
  state: fc.constantFrom(...INSTANCE_STATES),
  price,
  phase: fc.constantFrom(
    ...(['starting', 'running', 'stopping', 'stopped', 'failed', 'unknown'] as const),
  ),
  intendedAt: instant,
  readyBy: instant,
  launchAttempts: count,
  terminateAttempts: count,
  costs: fc.array(costEntry, { maxLength: 6 }),
};

const optionalFields = {
  providerInstanceId: word,
  address: fc.record({ host: word, port: fc.integer({ min: 1, max: 65_535 }), user: word }, PLAIN),
  endpoint: fc.record({ host: word, port: fc.integer({ min: 1, max: 65_535 }) }, PLAIN),
  hostKey: text,
  settleBy: instant,
  launchedAt: instant,
  firstSeenAt: instant,
  accessGrantedAt: instant,
  runningAt: instant,
  troubledAt: instant,
  terminateAskedAt: instant,
  notBefore: instant,
  goneAt: instant,
  failure: fc.record(
    {
      code: fc.constantFrom('no_capacity' as const, 'never_ready' as const),
      message: text,
    },
    PLAIN,
  ),
};

const requiredKeys = Object.keys(requiredFields) as (keyof typeof requiredFields)[];

const instanceFields = fc.record(
  { ...requiredFields, ...optionalFields },
  { requiredKeys, ...PLAIN },
);

/** Any session with this id that the types allow: every field may be there or not, attempts are numbered in order. */
export function anySession(id = sessionId()): fc.Arbitrary<Session> {
  return fc
    .record(
      {
        status: fc.constantFrom(...SESSION_STATUSES),
        consumerId: word,
        publicKey: text,
        createdAt: instant,
        expiresAt: instant,
        sealedPrivateKey: text,
        runningAt: instant,
        stopAskedAt: instant,
        stopReason: fc.constantFrom(...STOP_REASONS),
        stoppedAt: instant,
        agentTokenHash: word,
        lastActiveAt: instant,
        idleSince: instant,
        lastIdleAt: instant,
        idleWarnedAt: instant,
        idleEndsAt: instant,
        error: fc.record(
          {
            code: fc.constantFrom('never_ready' as const, 'no_capacity' as const),
            message: text,
          },
          PLAIN,
        ),
        instances: fc.array(instanceFields, { maxLength: 4 }),
      },
      {
        requiredKeys: ['status', 'consumerId', 'publicKey', 'createdAt', 'expiresAt', 'instances'],
        ...PLAIN,
      },
    )
    .map(({ consumerId, instances, ...fields }) => ({
      ...fields,
      id,
      version: 1,
      request: request({ consumerId }),
      instances: instances.map((instance, index) => numbered(id, instance, index + 1)),
    }));
}

function numbered(
  id: string,
  fields: Omit<Instance, 'sessionId' | 'attempt' | 'tag' | 'provider' | 'api'>,
  attempt: number,
): Instance {
  const tag = makeTag({ deploymentId: DEPLOYMENT, sessionId: id, attempt });
  const { provider, api } = fields.offer;
  return { ...fields, sessionId: id, attempt, tag, provider, api };
}
