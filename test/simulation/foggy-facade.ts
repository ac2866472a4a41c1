import type { Facade, SimReply } from '../../src/simulator/model.ts';
import { shortenList } from '../../src/simulator/wire-lists.ts';
import type { FogKind, Weather } from './fog.ts';
import type { Tally } from './tally.ts';

const INSTANCE_LISTS = /^(GET \/api\/v[12]\/instances|POST \/api\/v0\/client\/list)\/?$/;

/** A façade whose lists of instances are spoilt while there is fog. */
export function foggyFacade(facade: Facade, weather: Weather, tally: Tally): Facade {
  return async (request) => {
    const reply = await facade(request);
    const isList = INSTANCE_LISTS.test(`${request.method} ${request.path}`);
    if (!reply || !isList || reply.status !== 200) return reply;
    const spoil = SPOILERS.find(({ kind }) => weather.isIn(kind));
    const spoilt = spoil?.make(reply) ?? reply;
    if (spoil && spoilt.body !== reply.body) tally.count(`fog ${spoil.kind}`);
    return spoilt;
  };
}

interface Spoiler {
  readonly kind: FogKind;
  readonly make: (reply: SimReply) => SimReply;
}

const SPOILERS: readonly Spoiler[] = [
  { kind: 'refuses lists', make: () => ({ status: 503, headers: {}, body: '' }) },
  {
    kind: 'cuts lists',
    make: (reply) => ({ ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) }),
  },
  {
    kind: 'empties lists',
    make: (reply) => ({ ...reply, body: shortenList(reply.body, () => 0) }),
  },
  {
    kind: 'shortens lists',
    make: (reply) => ({
      ...reply,
      body: shortenList(reply.body, (count) => Math.floor(count / 2)),
    }),
  },
];
