import { Type } from '@sinclair/typebox';

/** What the processes of the benchmark say to each other. */

export const Listening = Type.Object({ port: Type.Integer() });
export const Done = Type.Object({ done: Type.Literal(true) });
export const CpuTime = Type.Object({ cpuMicros: Type.Number() });

export const FixedAnswer = Type.Object({
  kind: Type.Literal('answer'),
  status: Type.Integer(),
  contentType: Type.String(),
  /** Base64. */
  body: Type.String(),
});

export const LoadOrder = Type.Object({
  kind: Type.Literal('load'),
  port: Type.Integer(),
  connections: Type.Integer(),
  durationMs: Type.Number(),
  /** Answers that are thrown away first. */
  warmUpMs: Type.Number(),
  /** Whether nothing else is to run on the load's core: then it never sleeps. */
  isAlone: Type.Boolean(),
  /** Whole requests as text, sent in turn. */
  requests: Type.Array(Type.String()),
});

export const LoadReport = Type.Object({
  answers: Type.Integer(),
  /** Answers whose status is not the one that the first answer had. */
  odd: Type.Integer(),
  status: Type.Integer(),
  perSecond: Type.Number(),
  medianMs: Type.Number(),
  p99Ms: Type.Number(),
});

export const Usage = Type.Object({
  cpuMicros: Type.Number(),
  residentBytes: Type.Number(),
  heapBytes: Type.Number(),
  handles: Type.Integer(),
  /** Longest delays of the event loop since the last question, milliseconds. */
  stallMs: Type.Number(),
  p99DelayMs: Type.Number(),
  /** The longest piece of work of the broker's own since the last question, milliseconds of processor time. */
  ownStallMs: Type.Number(),
});

export const ListenOrder = Type.Object({
  kind: Type.Literal('listen'),
  offers: Type.Integer(),
  database: Type.String(),
  /** How often the offers are read, as the configuration has it. */
  refresh: Type.String(),
  /** Whether there is a second marketplace, which never answers. */
  hasHanging: Type.Boolean(),
  /** Where rented machines are logged in to, in turn. */
  sshPorts: Type.Array(Type.Integer()),
  /** How often all sessions are looked through, as the configuration has it. */
  tick: Type.String(),
});

export const LateHosts = Type.Object({ ports: Type.Array(Type.Integer()) });
export const Openings = Type.Object({
  openings: Type.Array(Type.Object({ port: Type.Integer(), at: Type.Number() })),
});
export const Calls = Type.Object({ calls: Type.Integer() });
export const Proven = Type.Object({ proven: Type.Integer() });
