/** Work that goes on only when the test says so, and counts how much of it is under way. */
export interface Gate {
  /** Resolves when it is let through. */
  pass(): Promise<void>;
  /** Lets everything through that waits now. */
  open(): void;
  readonly waiting: number;
}

export function gate(): Gate {
  const waiting = new Set<() => void>();
  return {
    pass: () =>
      new Promise((resolve) => {
        waiting.add(resolve);
      }),
    open: () => {
      for (const go of [...waiting]) {
        waiting.delete(go);
        go();
      }
    },
    get waiting() {
      return waiting.size;
    },
  };
}
