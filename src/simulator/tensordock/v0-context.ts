import { json } from '../json.ts';
import type { FacadeQuirks, Marketplace, SimReply, SimRequest } from '../model.ts';

export interface V0Context {
  readonly market: Marketplace;
  readonly quirks: FacadeQuirks;
  /** Query and form together; v0 takes its fields from either. */
  readonly fields: URLSearchParams;
}

export function fieldsOf(request: SimRequest): URLSearchParams {
  const fields = new URLSearchParams(request.query);
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  if (isForm)
    for (const [name, value] of new URLSearchParams(request.body)) fields.set(name, value);
  return fields;
}

export function succeeded(more: Readonly<Record<string, unknown>> = {}): SimReply {
  return json(200, { ...more, success: true });
}

/** v0 says no inside a 200. */
export function failed(error: string): SimReply {
  return json(200, { success: false, error });
}

export function missing({ quirks }: V0Context, error: string): SimReply {
  return quirks.v0MissingAs === '404' ? json(404, { success: false, error }) : failed(error);
}
