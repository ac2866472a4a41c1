import { defectOf } from './hardware.ts';
import type {
  Chance,
  ServiceNature,
  SimContainer,
  SimHost,
  SimMs,
  WorkloadCall,
  WorkloadReply,
} from './model.ts';
import type { InstanceRecord, World } from './world.ts';

/** What the programs that serve models are told their model with. */
const MODEL_FLAGS = ['--model', '--model-id'];
/** From the start of the program to a loaded model, its download included; other programs are there in seconds. */
const MODEL_LOAD = { low: 20_000, high: 150_000 };
const PROGRAM_START = { low: 500, high: 8_000 };

const BAD_SERVICES: readonly ServiceNature[] = ['exits', 'errors', 'hangs', 'loads for ever'];

const REFUSED: WorkloadReply = { kind: 'refused' };

/** What answers at that address at this moment. */
export function answerCall(world: World, call: WorkloadCall): WorkloadReply {
  const place = world.ports.get(`${call.host}:${call.port}`);
  return place
    ? answerAt(place.record, { ...call, port: place.internalPort, now: world.clock.now() })
    : REFUSED;
}

export interface InnerCall {
  /** As the container knows it. */
  readonly port: number;
  readonly path: string;
  readonly now: SimMs;
}

export function answerAt(record: InstanceRecord, { port, path, now }: InnerCall): WorkloadReply {
  const { container, containerUpAt } = record.view;
  if (record.view.offlineSince !== null) return { kind: 'hangs' };
  const isUp = containerUpAt !== null && now >= containerUpAt;
  if (!isUp || !container?.ports.includes(port)) return REFUSED;
  const isLoaded = now - containerUpAt >= record.loadsForMs;
  return playProgram(record.service, { path, container, isLoaded });
}

/** What becomes of a container on that host. Whoever lets nobody in serves nobody either, and nothing runs without a driver. */
export function drawService(world: World, host: SimHost, chance: Chance): ServiceNature {
  if (defectOf(host) === 'no driver') return 'exits';
  return chance.pick(host.nature === 'never_lets_in' ? BAD_SERVICES : world.temper.services);
}

/** For how long the container's program is up before it serves. */
export function drawLoading(container: SimContainer | null, chance: Chance): number {
  const { low, high } = modelOf(container) === undefined ? PROGRAM_START : MODEL_LOAD;
  return chance.int(low, high);
}

interface Asked {
  readonly path: string;
  readonly container: SimContainer;
  readonly isLoaded: boolean;
}

function playProgram(service: ServiceNature, asked: Asked): WorkloadReply {
  switch (service) {
    case 'exits':
      return REFUSED;
    case 'hangs':
      return { kind: 'hangs' };
    case 'errors':
      return says(500, { error: 'CUDA error: out of memory' });
    case 'loads for ever':
      return serve({ ...asked, isLoaded: false });
    case 'serves':
      return serve(asked);
  }
}

/** A server of models is up before its model is, and says so; another program listens when it is ready. */
function serve({ path, container, isLoaded }: Asked): WorkloadReply {
  const model = modelOf(container);
  if (model === undefined) return isLoaded ? says(200, { image: container.image }) : REFUSED;
  if (!isLoaded) return says(503, { error: 'the model is being loaded' });
  switch (path) {
    case '/health':
      return says(200, {});
    case '/v1/models':
      return says(200, { object: 'list', data: [{ id: model, object: 'model' }] });
    default:
      return says(404, { error: 'Not Found' });
  }
}

function modelOf(container: SimContainer | null): string | undefined {
  const args = container?.args ?? [];
  const at = args.findIndex((arg) => MODEL_FLAGS.includes(arg));
  return at === -1 ? undefined : args[at + 1];
}

function says(status: number, body: object): WorkloadReply {
  return { kind: 'answers', status, body };
}
