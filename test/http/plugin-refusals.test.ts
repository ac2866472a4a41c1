import { expect, it } from 'vitest';
import { watchApp } from './fuzz/served-routes.ts';
import { errorOf, world } from './http-world.ts';

/** A server with a plugin's route that fails so. */
function failing(failure: object) {
  const { app } = watchApp(() => world());
  app.get('/files', async () => {
    throw Object.assign(new Error('ENOENT /secret/path'), failure);
  });
  return app;
}

it.each([
  [{ statusCode: 400, expose: true }, 400, 'validation_error'],
  [{ statusCode: 403, expose: true }, 404, 'not_found'],
  [{ statusCode: 404, expose: true }, 404, 'not_found'],
  [{ statusCode: 416, expose: true }, 400, 'validation_error'],
  [{ statusCode: 400 }, 500, 'internal'],
  [{ statusCode: 500, expose: true }, 500, 'internal'],
  [{ expose: true }, 500, 'internal'],
])(
  'a failure %j of a plugin is answered %i %s, without its text',
  async (failure, status, code) => {
    const answer = await failing(failure).inject('/files');
    expect(answer.statusCode).toBe(status);
    expect(errorOf(answer).error_type).toBe(code);
    expect(answer.body).not.toContain('secret');
  },
);
