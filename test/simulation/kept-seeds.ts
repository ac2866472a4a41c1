/** Seeds of random worlds that once broke a promise, with what each taught. They run for ever. */
export const KEPT_SEEDS: readonly { readonly seed: number; readonly taught: string }[] = [
  {
    seed: 237,
    taught:
      'an instance that began to run while the broker was down was ended before it was looked at',
  },
];
