import type { AppServer } from '../app-server.ts';

/**
 * Compiles the serializer of an answer when it is first given. There is one for each status of each route, and compiling
 * them all took longer than anything else in a start. Those of the first route are left to the framework, which makes with
 * them what compiles the others.
 */
export function compileSerializersLate(app: AppServer): void {
  let isFirst = true;
  app.addHook('onRoute', function (route) {
    if (!route.schema?.response) return;
    if (isFirst) isFirst = false;
    else
      route.serializerCompiler = (definition) =>
        lateSerializer(() => this.serializerCompiler?.(definition));
  });
}

type Serialize = (data: unknown) => string;

function lateSerializer(compile: () => Serialize | undefined): Serialize {
  let made: Serialize | undefined;
  return (data) => {
    made ??= compile();
    if (made === undefined) throw new Error('no serializer was made with the first route');
    return made(data);
  };
}
