import { isObject, type JsonObject, parseJson } from '../json.ts';
import type { Facade, FacadeOptions, Marketplace, SimReply, SimRequest } from '../model.ts';
import { createAccountKeys } from './account-keys.ts';
import { createContracts } from './contracts.ts';
import type { Desk } from './desk.ts';
import { badKey, failure, invalidBody, missingKey } from './errors.ts';
import { createRateGate, type RateGate } from './rate-limits.ts';
import { createMatcher, type Match } from './route-match.ts';
import { ROUTES } from './routes.ts';
import { createTemplates } from './templates.ts';

/** The provider's API on the wire: who asks too often, who asks without a key, and what it answers to the rest. */
export function vastaiFacade(market: Marketplace, options: FacadeOptions): Facade {
  const matchesOf = createMatcher(ROUTES);
  const gate = createRateGate(market.clock);
  const desk: Desk = {
    market,
    quirks: options.quirks,
    contracts: createContracts(),
    accountKeys: createAccountKeys(),
    templates: createTemplates(),
  };
  return async (request) => {
    const matches = matchesOf(request.path);
    if (matches.length === 0) return undefined;
    const match = matches.find(({ route }) => route.method === request.method);
    if (!match) return failure(405, 'method_not_allowed', { msg: 'Method not allowed' });
    return (
      (options.rateLimits ? refuseHaste(gate, match, request) : undefined) ??
      refuseStranger(market, match, request) ??
      (await answer(desk, match, request))
    );
  };
}

/** An identity is a key, or nobody in particular; it has one allowance at each endpoint (§4). */
function refuseHaste(gate: RateGate, { route }: Match, request: SimRequest): SimReply | undefined {
  if (!route.limit) return undefined;
  const identity = request.headers['authorization'] ?? '';
  return gate(`${route.limit.group} ${identity}`, route.limit.rate);
}

function refuseStranger(
  market: Marketplace,
  { route }: Match,
  request: SimRequest,
): SimReply | undefined {
  if (route.access === 'public') return undefined;
  const header = request.headers['authorization'];
  if (header === undefined || header === '') return missingKey();
  return header === `Bearer ${market.credentials.vastKey}` ? undefined : badKey();
}

async function answer(desk: Desk, { route, ids }: Match, request: SimRequest): Promise<SimReply> {
  const body = readBody(request.body);
  return body ? route.answer(desk, { ids, query: request.query, body }) : invalidBody();
}

function readBody(source: string): JsonObject | undefined {
  if (source.trim() === '') return {};
  const body = parseJson(source);
  return isObject(body) ? body : undefined;
}
