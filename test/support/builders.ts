import { makeTag } from '../../src/domain/ids.ts';
import type { Instance } from '../../src/domain/instance.ts';
import type { Offer } from '../../src/domain/offer.ts';
import { type Orphan, orphanIdOf } from '../../src/domain/orphan.ts';
import type { Session, SessionRequest } from '../../src/domain/session.ts';
import type { Template } from '../../src/domain/template.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';

/** Noon of a Thursday; the moment at which everything built here starts, unless overridden. */
export const START = Date.UTC(2026, 0, 29, 12);
export const DEPLOYMENT = 'test01';
export const PUBLIC_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHrsA10r4tEAV9cfL6bXjHmyA1cG6RfkEwUeG7nq9bUi session';

export function sessionId(number = 1): string {
  return `sess-${number.toString(36).padStart(16, '0')}`;
}

/** One RTX 4090 for 40 cents an hour, disk included. */
export function offer(overrides: Partial<Offer> = {}): Offer {
  return {
    id: 'alpha-1',
    provider: 'alpha',
    api: 'alpha',
    providerId: '1',
    gpuType: 'RTX 4090',
    gpuCount: 1,
    vramGb: 24,
    price: { gpu: 380_000, cpu: 0, ram: 0, disk: 20_000 },
    diskMicroUsdPerGbHour: 400,
    includedDiskGb: 50,
    minDiskGb: 8,
    maxDiskGb: 500,
    location: 'Amsterdam, NL',
    country: 'NL',
    reliability: 0.99,
    available: true,
    availabilityConfidence: 0.9,
    maxDurationHours: 0,
    fetchedAt: START,
    interruptible: false,
    adapterData: {},
    ...overrides,
  };
}

/** A recommended template that asks for nothing. */
export function template(overrides: Partial<Template> = {}): Template {
  return {
    id: 300_123,
    hashId: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
    name: 'PyTorch',
    image: 'example/pytorch',
    usesSsh: true,
    isRecommended: true,
    ...overrides,
  };
}

export function request(overrides: Partial<SessionRequest> = {}): SessionRequest {
  return {
    consumerId: 'consumer-1',
    choice: { kind: 'offer', offerId: 'alpha-1' },
    workloadType: 'ssh',
    workload: { kind: 'ssh' },
    reservationHours: 2,
    idleThresholdMinutes: 0,
    diskGb: 50,
    ...overrides,
  };
}

/** A session that was just written, with no attempt yet. */
export function session(overrides: Partial<Session> = {}): Session {
  return {
    id: sessionId(),
    version: 1,
    request: request(),
    status: 'pending',
    publicKey: PUBLIC_KEY,
    sealedPrivateKey: 'v1.sealed',
    createdAt: START,
    expiresAt: START + 2 * HOUR_MS,
    instances: [],
    ...overrides,
  };
}

/** A first attempt whose launch is decided and not yet called. Tag, provider and price follow the overrides. */
export function instance(overrides: Partial<Instance> = {}): Instance {
  const owner = overrides.sessionId ?? sessionId();
  const attempt = overrides.attempt ?? 1;
  const rented = overrides.offer ?? offer();
  return {
    role: 'attempt',
    sessionId: owner,
    attempt,
    tag: makeTag({ deploymentId: DEPLOYMENT, sessionId: owner, attempt }),
    provider: rented.provider,
    api: rented.api,
    offer: rented,
    diskGb: 50,
    state: 'intended',
    price: rented.price,
    phase: 'unknown',
    intendedAt: START,
    readyBy: START + 10 * MINUTE_MS,
    launchAttempts: 0,
    terminateAttempts: 0,
    costs: [],
    ...overrides,
  };
}

/** One that is being ended and is not stored yet, under the tag of a ninth session. Its id follows the overrides. */
export function orphan(overrides: Partial<Orphan> = {}): Orphan {
  const api = overrides.api ?? 'alpha';
  const providerInstanceId = overrides.providerInstanceId ?? '9';
  return {
    id: orphanIdOf(api, providerInstanceId),
    version: 0,
    provider: 'alpha',
    api,
    providerInstanceId,
    tag: makeTag({ deploymentId: DEPLOYMENT, sessionId: sessionId(9), attempt: 1 }),
    state: 'ending',
    decidedBy: 'sweep',
    detectedAt: START,
    decidedAt: START,
    terminateAttempts: 0,
    ...overrides,
  };
}
