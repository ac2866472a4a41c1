import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { LoadOrder, type LoadReport } from './messages.ts';
import { serveChannel } from './process-channel.ts';

/**
 * The load: connections that each send a request, read its whole answer, and send the next. It looks at no more of an
 * answer than its status and its length: a client that costs as much as the server would measure itself.
 */
const READ_BYTES = 128 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
const STEP_MS = 0.01;
const STEPS = 200_000;

interface Tally {
  readonly histogram: Uint32Array;
  readonly isCounting: () => boolean;
  readonly isOver: () => boolean;
  readonly next: () => Buffer;
  answers: number;
  odd: number;
  status: number;
}

/** Goes on from order to order, so that rounds which are cut short come to the last request of a long list, too. */
let turn = 0;

async function load(order: Static<typeof LoadOrder>): Promise<Static<typeof LoadReport>> {
  const requests = order.requests.map((text) => Buffer.from(text));
  const startsAt = performance.now() + order.warmUpMs;
  const endsAt = startsAt + order.durationMs;
  const tally: Tally = {
    histogram: new Uint32Array(STEPS),
    isCounting: () => performance.now() >= startsAt,
    isOver: () => performance.now() >= endsAt,
    next: () => {
      turn = (turn + 1) % requests.length;
      return requests[turn] ?? Buffer.alloc(0);
    },
    answers: 0,
    odd: 0,
    status: 0,
  };
  const rest = order.isAlone ? stayAwake() : () => {};
  await Promise.all(Array.from({ length: order.connections }, () => converse(order.port, tally)));
  rest();
  return {
    answers: tally.answers,
    odd: tally.odd,
    status: tally.status,
    perSecond: tally.answers / (order.durationMs / 1000),
    medianMs: quantile(tally, 0.5),
    p99Ms: quantile(tally, 0.99),
  };
}

/**
 * Keeps the load's core from sleeping while it waits for answers. To wake a virtual core takes twenty microseconds and more of
 * whoever wakes it: that would be charged to the slower of two servers, and hardly to the one that keeps the load busy.
 */
function stayAwake(): () => void {
  let isResting = false;
  const turn = (): void => {
    if (!isResting) setImmediate(turn);
  };
  turn();
  return () => {
    isResting = true;
  };
}

function converse(port: number, tally: Tally): Promise<void> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let sentAt = 0;
  let remaining = 0;
  let head = '';
  return new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          take(length);
          return true;
        },
      },
    });
    const send = (): void => {
      sentAt = performance.now();
      socket.write(tally.next());
    };
    const take = (length: number): void => {
      if (remaining > 0) remaining -= length;
      else remaining = openAnswer(length);
      if (remaining !== 0) return;
      note(tally, performance.now() - sentAt);
      if (tally.isOver()) socket.destroy();
      else send();
    };
    /** Bytes that are still to come of the answer that begins here; -1 while its head is not whole. */
    const openAnswer = (length: number): number => {
      const end = buffer.subarray(0, length).indexOf(HEAD_END);
      if (end < 0 || head !== '') {
        head += buffer.toString('latin1', 0, length);
        const whole = head.indexOf('\r\n\r\n');
        if (whole < 0) return -1;
        const left = whole + 4 + lengthIn(head, tally) - head.length;
        head = '';
        return left;
      }
      return end + 4 + lengthIn(buffer.toString('latin1', 0, end + 2), tally) - length;
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => (tally.isOver() ? resolve() : reject(new Error('closed early'))));
  });
}

function lengthIn(head: string, tally: Tally): number {
  const status = Number(head.slice(9, 12));
  tally.status ||= status;
  if (status !== tally.status) tally.odd += 1;
  if (status === 304) return 0;
  const at = head.toLowerCase().indexOf('\r\ncontent-length:');
  return Number(head.slice(at + 17, head.indexOf('\r\n', at + 2)));
}

function note(tally: Tally, tookMs: number): void {
  if (!tally.isCounting() || tally.isOver()) return;
  tally.answers += 1;
  const step = Math.min(STEPS - 1, Math.floor(tookMs / STEP_MS));
  tally.histogram[step] = (tally.histogram[step] ?? 0) + 1;
}

function quantile({ histogram, answers }: Tally, share: number): number {
  let seen = 0;
  for (const [step, count] of histogram.entries()) {
    seen += count;
    if (seen >= answers * share) return step * STEP_MS;
  }
  return STEPS * STEP_MS;
}

const Message = Type.Union([LoadOrder]);

serveChannel((message) => load(Value.Parse(Message, message)));
