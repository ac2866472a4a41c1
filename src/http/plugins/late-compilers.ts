import type { RouteOptions } from 'fastify';
import type { AppServer } from '../app-server.ts';

/**
 * Compiles what reads a request, and what writes an answer, when it is first needed. There is one validator for each part of a
 * request and one serializer for each status of each route, and compiling them all took longer than anything else in a start.
 * Those of the first route that has any are left to the framework, which makes with them what compiles the others.
 */
export function compileLate(app: AppServer): void {
  let hasSerializer = false;
  let hasValidator = false;
  app.addHook('onRoute', function (route) {
    const { response, body, querystring, params, headers } = route.schema ?? {};
    if (response !== undefined) {
      if (hasSerializer)
        route.serializerCompiler = (definition) =>
          lateSerializer(() => this.serializerCompiler?.(definition));
      hasSerializer = true;
    }
    if ([body, querystring, params, headers].some((part) => part !== undefined)) {
      if (hasValidator)
        route.validatorCompiler = (definition) =>
          lateValidator(() => this.validatorCompiler?.(definition));
      hasValidator = true;
    }
  });
}

type Serialize = (data: unknown) => string;
/** Says whether it takes the data, and has what is wrong with the last that it did not take. */
type Validate = ReturnType<NonNullable<RouteOptions['validatorCompiler']>>;

function lateSerializer(compile: () => Serialize | undefined): Serialize {
  let made: Serialize | undefined;
  return (data) => {
    made ??= compile();
    if (made === undefined) throw new Error('no serializer was made with the first route');
    return made(data);
  };
}

function lateValidator(compile: () => Validate | undefined): Validate {
  let made: Validate | undefined;
  const validate: Validate = (data) => {
    made ??= compile();
    if (made === undefined) throw new Error('no validator was made with the first route');
    const isTaken = made(data);
    validate.errors = made.errors ?? null;
    return isTaken;
  };
  return validate;
}
