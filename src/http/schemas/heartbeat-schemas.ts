import { Type } from '@sinclair/typebox';
import { closed } from './fields.ts';

export const HeartbeatBody = closed(
  {
    agent_token: Type.String({
      minLength: 1,
      maxLength: 256,
      description: '`agent_token` of the answer that created the session.',
    }),
    busy: Type.Optional(Type.Boolean({ description: 'Whether there is work.' })),
    gpu_utilization: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'Percent of time in which the busiest GPU had work. Above 5 is work.',
      }),
    ),
  },
  { title: 'Heartbeat' },
);

export const HeartbeatAnswer = closed(
  {
    idle_minutes: Type.Integer({
      description: 'Whole minutes since the agent last told of work, or since the session runs.',
    }),
    idle_deadline: Type.Union([Type.String(), Type.Null()], {
      description:
        'When the session ends for idleness if the agent goes on to say that there is no work. RFC 3339, UTC; null without `idle_threshold_minutes`, and before the session runs.',
    }),
  },
  { title: 'Idleness' },
);
