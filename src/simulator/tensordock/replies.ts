import type { SimReply } from '../model.ts';

export function json(status: number, body: unknown): SimReply {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}
