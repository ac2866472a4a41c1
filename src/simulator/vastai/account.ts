import { json } from '../json.ts';
import type { Marketplace, SimReply } from '../model.ts';

/** `GET /api/v0/users/current/`: `credit` is the money, `balance` is something else, and secrets lie beside both (§13.1). */
export function showUser(market: Marketplace): SimReply {
  return json(200, {
    id: 1_001,
    key_id: 55,
    username: 'broker',
    email: 'ops@example.test',
    credit: market.credit('vastai'),
    balance: -0.13,
    balance_threshold: 5,
    balance_threshold_enabled: true,
    ssh_key: null,
    sid: 'session-cookie-of-the-console',
    can_pay: true,
    has_billing: true,
    api_key: market.credentials.vastKey,
  });
}
