/** A marketplace's ready-made image with its settings; fields as the marketplace has them. */
export interface Template {
  /** Stays when the template is edited. */
  readonly id: number;
  /** Of the content: another one after each edit. What launches and callers name. */
  readonly hashId: string;
  readonly name: string;
  readonly image: string;
  readonly tag?: string;
  /** Docker flags, as one text. */
  readonly env?: string;
  readonly onStart?: string;
  readonly runtype?: string;
  readonly usesSsh: boolean;
  readonly hasDirectSsh?: boolean;
  readonly isRecommended: boolean;
  /** GB. */
  readonly recommendedDiskGb?: number;
  /** JSON text as the marketplace sent it: may be empty, `null` or malformed. */
  readonly extraFilters?: string;
  readonly creatorId?: number;
  /** RFC 3339. */
  readonly createdAt?: string;
  /** How many machines were ever made from it. */
  readonly createdCount?: number;
}
