import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';

/** A connection that is open for longer after its caller has finished is one that was forgotten. */
const FORGOTTEN_MS = 10_000;

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Writes the bytes, waits until the server has seen them, hangs up, and gives all that came back. */
export async function exchange(address: Address, bytes: Buffer): Promise<string> {
  const socket = connect(address);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {
    // A reset is one of the ways in which a server may close.
  });
  const closed = once(socket, 'close');
  socket.setTimeout(FORGOTTEN_MS, () => {
    chunks.push(Buffer.from('FORGOTTEN'));
    socket.destroy();
  });
  socket.write(bytes);
  // What is answered after these bytes came: an answer to them, if there is one, has been written by then.
  if ((await healthOf(address)) !== 200) throw new Error('not healthy');
  socket.end();
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}

const keptConnections = new Agent({ keepAlive: true });

/** Asked twice, since an answer to the first may be on its way before the server turns to the bytes. */
async function healthOf(address: Address): Promise<number> {
  await statusOf(address);
  return statusOf(address);
}

async function statusOf(address: Address): Promise<number> {
  const request = get({ ...address, path: '/health', agent: keptConnections });
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

/** The answers in what came back; interim ones (`100 Continue`) are left out. Throws at what is no HTTP. */
export function answersIn(text: string): readonly RawAnswer[] {
  if (text === '') return [];
  if (!text.startsWith('HTTP/1.1 ')) throw new Error(`no HTTP: ${text.slice(0, 100)}`);
  return text
    .split(/(?=HTTP\/1\.1 [1-5]\d\d )/)
    .map(answerIn)
    .filter(({ status }) => status >= 200);
}

function answerIn(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const fields = lines.map((line): [string, string] => {
    const [name = '', ...value] = line.split(': ');
    return [name.toLowerCase(), value.join(': ')];
  });
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: new Map(fields),
    body: text.slice(end + 4),
  };
}

/** What is wrong with the form of an answer, or undefined. */
export function formFault({ status, headers, body }: RawAnswer): string | undefined {
  const id = headers.get('x-request-id');
  if (status === 500) return `a fault of ours: ${body}`;
  if (id === undefined) return `${status} without a request id: ${body}`;
  // An answer to HEAD has none.
  if (status < 400 || body === '') return undefined;
  const error: unknown = JSON.parse(body);
  const isForm =
    typeof error === 'object' &&
    error !== null &&
    'error' in error &&
    'error_type' in error &&
    'request_id' in error &&
    error.request_id === id;
  return isForm ? undefined : `${status} in another form: ${body}`;
}
