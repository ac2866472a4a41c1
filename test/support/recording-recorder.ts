import type { BrokerEvent } from '../../src/domain/events.ts';
import type { Note, Recorder } from '../../src/ports/recorder.ts';

/** Keeps everything that it is told, in order, but for the turns of loops, of which there is no end. */
export interface RecordingRecorder extends Recorder {
  readonly events: readonly BrokerEvent[];
  readonly notes: readonly Note[];
}

export function recordingRecorder(): RecordingRecorder {
  const events: BrokerEvent[] = [];
  const notes: Note[] = [];
  return {
    events,
    notes,
    event: (event) => {
      events.push(event);
    },
    note: (note) => {
      if (note.kind !== 'loop_turned') notes.push(note);
    },
  };
}
