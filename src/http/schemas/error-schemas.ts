import { Type } from '@sinclair/typebox';
import { ERROR_STATUS } from '../../domain/errors.ts';
import { closed } from './fields.ts';

const Details = Type.Array(
  closed({
    path: Type.String({ description: "The field at fault, in the caller's own names." }),
    message: Type.String({ description: 'What is wrong with it; reads on from the path.' }),
  }),
  { description: 'Every problem of the request at once.' },
);

/** Every error has this form. Fields after the third belong to single codes; see docs/http-api.md. */
export const ErrorAnswer = closed({
  error: Type.String({ description: 'A sentence for a person.' }),
  error_type: Type.String({
    description: `A stable code for a program: ${Object.keys(ERROR_STATUS).join(', ')}.`,
  }),
  request_id: Type.String({ description: 'As in the X-Request-ID header and on the log lines.' }),
  details: Type.Optional(Details),
  message: Type.Optional(Type.String({ description: 'What to do now.' })),
  retry_suggested: Type.Optional(Type.Boolean({ description: 'Whether another try can succeed.' })),
  offer_id: Type.Optional(Type.String()),
  provider: Type.Optional(Type.String()),
  session_id: Type.Optional(Type.String()),
  available_gb: Type.Optional(Type.Number({ description: 'GB of disk that the offer can give.' })),
  max_expires_at: Type.Optional(Type.String({ description: 'RFC 3339, UTC.' })),
});

/** The answers that any route may give besides its own. */
export const ErrorAnswers = { '4xx': ErrorAnswer, '5xx': ErrorAnswer };
