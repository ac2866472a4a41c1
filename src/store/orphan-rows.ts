import type { Selectable } from 'kysely';
import type { Orphan } from '../domain/orphan.ts';
import { type Nulls, withNulls, withoutNulls } from './absent.ts';
import type { OrphanTable } from './tables.ts';

const NULLS: Nulls<Orphan> = { heldFor: null, createdAt: null, pricePerHour: null };

export function toOrphanRow(orphan: Orphan): OrphanTable {
  return withNulls<Orphan>(NULLS, orphan);
}

export function toOrphan(row: Selectable<OrphanTable>): Orphan {
  return withoutNulls(row);
}
