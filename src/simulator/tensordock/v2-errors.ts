import { json } from '../json.ts';
import type { FacadeQuirks, SimReply } from '../model.ts';

/** One complaint, as the validation arrays carry it. */
export interface Issue {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[];
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

/** JSON:API errors: the form of the OpenAPI document. */
export function errorReply(status: number, ...details: readonly string[]): SimReply {
  const title = TITLES[status] ?? 'Error';
  const errors = details.map((detail) => ({ status: String(status), title, detail }));
  return json(status, { errors });
}

/** A create that fails, in whichever of the three forms this world plays (fact sheet §4). */
export function createErrorReply(
  form: FacadeQuirks['v2ErrorsAs'],
  status: number,
  issues: readonly Issue[],
): SimReply {
  switch (form) {
    case 'in200':
      return json(200, { status, error: issues.map((issue) => issue.message).join('; ') });
    case 'array400':
      return json(400, issues);
    case 'jsonapi':
      return errorReply(status, ...issues.map((issue) => issue.message));
  }
}

export function plainIssue(message: string): Issue {
  return { code: 'custom', message, path: [] };
}
