import type { Static } from '@sinclair/typebox';
import type { createSessionBody } from '../schemas/session-schemas.ts';

/** The body of a new session, valid by schema. */
export type CreateSessionBody = Static<ReturnType<typeof createSessionBody>>;
