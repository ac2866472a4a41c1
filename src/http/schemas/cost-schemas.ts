import { Type } from '@sinclair/typebox';
import { closed, formed, instant, usd } from './fields.ts';
import { consumerId } from './session-schemas.ts';

export const PERIODS = ['daily', 'monthly'] as const;

const day = (description: string) =>
  formed('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', { meaning: 'a date as YYYY-MM-DD', description });

export const CostsQuery = closed({
  session_id: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'Cost of this session alone.' }),
  ),
  consumer_id: Type.Optional(consumerId('Only sessions of this consumer.')),
  start_date: Type.Optional(day('First UTC day, included.')),
  end_date: Type.Optional(day('Last UTC day, included.')),
  period: Type.Optional(
    Type.Unsafe<(typeof PERIODS)[number]>({
      type: 'string',
      enum: [...PERIODS],
      description: 'Adds one entry for each day or month.',
    }),
  ),
});

export const MonthQuery = closed({
  consumer_id: Type.Optional(consumerId('Only sessions of this consumer.')),
});

export const SessionCostAnswer = closed({
  session_id: Type.String(),
  total_cost: usd('So far.'),
  currency: Type.Literal('USD'),
});

const PeriodAnswer = closed({
  start: instant('First second.'),
  end: instant('Last second.'),
  total_cost: usd('In the period.'),
  session_count: Type.Integer(),
  hours_used: Type.Number({ description: 'Hours that were billed.' }),
});

const ByName = Type.Record(Type.String(), Type.Number());

export const CostSummaryAnswer = closed({
  consumer_id: Type.String({ description: "'' for all." }),
  total_cost: usd('In the window.'),
  currency: Type.Literal('USD'),
  session_count: Type.Integer(),
  hours_used: Type.Number({ description: 'Hours that were billed.' }),
  by_provider: ByName,
  by_gpu_type: ByName,
  period_start: instant('First second of the window.'),
  period_end: instant('Last second of the window.'),
  periods: Type.Optional(Type.Array(PeriodAnswer)),
});
