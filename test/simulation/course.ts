import type { Course } from './checkers/violation.ts';

/** Writes down how it comes to an end. What has to last, such as that nothing is left, counts from when it last began. */
export class CourseLog implements Course {
  wellAt: number | undefined;
  steadyAt: number | undefined;
  lastDoubt: string | undefined;
  lastRequestAt: number | undefined;
  overAt: number | undefined;
  lastLeft: string | undefined;

  noteDoubts(doubts: readonly string[], at: number): void {
    const [first] = doubts;
    this.steadyAt = first === undefined ? (this.steadyAt ?? at) : undefined;
    if (first !== undefined) this.lastDoubt = first;
  }

  noteLeft(left: readonly string[], at: number): void {
    const [first] = left;
    this.overAt = first === undefined ? (this.overAt ?? at) : undefined;
    if (first !== undefined) this.lastLeft = first;
  }
}
