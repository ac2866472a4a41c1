import type { Mutant } from './mutant.ts';

/** Guards of disks that are kept and of machines that are bid for. */
export const KEPT_MUTANTS: readonly Mutant[] = [
  {
    name: 'a kept disk is destroyed at the end',
    guard: 'the machine of a session that keeps its disk is stopped, not ended',
    edits: [
      {
        file: 'src/domain/lifecycle/keeping.ts',
        find: 'session.request.keepsDisk === true &&\n    session.discardAskedAt === undefined &&',
        replace: "session.status === 'pending' &&",
      },
    ],
    worlds: [{ directed: 'disks are kept and resumed, Vast.ai' }],
    isQuick: true,
  },
  {
    name: 'a delete keeps the disk',
    guard: 'a delete is also the wish that the disk may go',
    edits: [
      {
        file: 'src/domain/lifecycle/deleting.ts',
        find: "const discard = discardDisk('deleted', at)(ending);",
        replace: "const discard = at < 0 ? discardDisk('deleted', at)(ending) : undefined;",
      },
    ],
    worlds: [{ directed: 'disks are kept and resumed, Vast.ai' }],
    isQuick: true,
  },
  {
    name: 'stopped is said when the stop was asked for',
    guard: 'a kept machine is seen at rest before its session is stopped',
    edits: [
      {
        file: 'src/sessions/keep-acts.ts',
        find: 'if (isAtRest(observation)) await',
        replace: 'void isAtRest;\n    await',
      },
    ],
    worlds: [{ directed: 'disks are kept and resumed, Vast.ai' }],
    isQuick: true,
  },
  {
    name: 'a kept machine that wakes is left awake',
    guard: 'a machine that rests for its session is stopped again when it runs',
    edits: [
      {
        file: 'src/domain/lifecycle/decide-kept.ts',
        find: "const isAtRest = instance.state === 'preserved' && !isAwake(item);",
        replace: "void isAwake;\n  const isAtRest = instance.state === 'preserved';",
      },
    ],
    worlds: [{ directed: 'somebody starts a kept machine by hand' }],
    isQuick: false,
  },
  {
    name: 'a resumed session goes on to another machine',
    guard: 'what was worked on is on one disk and on no other',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: "const isOnly = session.status === 'running' || current?.resumedAt !== undefined;",
        replace: "const isOnly = session.status === 'running';",
      },
      {
        file: 'src/domain/placement.ts',
        find: "if (last.resumedAt !== undefined) return 'is_over';",
        replace: '',
      },
    ],
    worlds: [{ directed: 'a machine that is started again vanishes' }],
    isQuick: false,
  },
  {
    name: 'a full disk destroys kept disks',
    guard: 'what cannot be written down does not cost anybody their disk',
    edits: [
      {
        file: 'src/sessions/end-acts.ts',
        find: '? provider?.power?.stop(id, about)',
        replace: '? provider?.terminate(id, about)',
      },
    ],
    worlds: [{ directed: 'the disk is full when a kept session ends' }],
    isQuick: false,
  },
  {
    name: 'disks are kept for ever',
    guard: 'a disk that nobody comes back to is given up',
    edits: [
      {
        file: 'src/domain/lifecycle/decide-kept.ts',
        find: 'if (until !== undefined && item.view.now >= until)',
        replace: 'if (until !== undefined && item.view.now < 0)',
      },
    ],
    worlds: [{ directed: 'a kept disk grows too old while the broker is down' }],
    isQuick: false,
  },
  {
    name: 'former runs do not count',
    guard: 'the hard limit is on all running time of a session',
    edits: [
      {
        file: 'src/domain/lifecycle/keeping.ts',
        find: 'return ranBeforeMs + Math.max(0, stopAskedAt - runningAt);',
        replace: 'return 0 * (ranBeforeMs + Math.max(0, stopAskedAt - runningAt));',
      },
    ],
    worlds: [{ directed: 'a session is resumed again and again' }],
    isQuick: false,
  },
  {
    name: 'a bid is held against nothing',
    guard: 'who was outbid is told so',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: 'if (isBelowMarket) return STOPPED_BY.outbid;',
        replace: 'if (isBelowMarket && bidPerHour === 1) return STOPPED_BY.outbid;',
      },
    ],
    worlds: [{ directed: 'a machine with a kept disk is outbid' }],
    isQuick: false,
  },
  {
    name: 'bids are not sent',
    guard: 'what was rented is read back: a machine by bid, or on demand',
    edits: [
      {
        file: 'src/providers/vastai/launch-body.ts',
        find: '...(bidPerHour === undefined ? {} : { price: toUsd(bidPerHour) }),',
        replace: '...(bidPerHour === undefined || toUsd(bidPerHour) > 0 ? {} : { price: 1 }),',
      },
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: 'return isOtherKind ? OTHER_KIND : undefined;',
        replace: 'return isOtherKind && bidPerHour === 1 ? OTHER_KIND : undefined;',
      },
    ],
    worlds: [{ directed: 'machines are bid for, outbid, and given back' }],
    isQuick: true,
  },
  {
    name: 'queued starts are left to start',
    guard: 'nothing is left waiting that could start, and be billed, later',
    edits: [
      {
        file: 'src/providers/vastai/power.ts',
        find: 'await withdraw(client, id);\n  throw',
        replace: 'void withdraw;\n  throw',
      },
      {
        file: 'src/domain/lifecycle/decide-kept.ts',
        find: "const isAtRest = instance.state === 'preserved' && !isAwake(item);",
        replace: "void isAwake;\n  const isAtRest = instance.state === 'preserved';",
      },
    ],
    worlds: [{ directed: 'the GPUs of a kept machine are taken when it is to run again' }],
    isQuick: false,
  },
  {
    name: 'what was seen before a start is believed after it',
    guard: 'a machine that is started again is looked at anew',
    edits: [
      {
        file: 'src/sessions/keep-acts.ts',
        find: '    site.watch.noteStart(id);',
        replace: '',
      },
    ],
    worlds: [{ directed: 'nobody answers after a kept machine was started, TensorDock v0' }],
    isQuick: false,
  },
];
