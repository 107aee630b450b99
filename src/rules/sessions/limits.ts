import { hours, minutes, seconds } from '../instant.ts';

/** The numbers of a run's life, in milliseconds (Hygate's where it documents one). */
export const limits = {
  /** Money heard of later than this after it was paid starts nothing: it goes back. */
  hearWithin: minutes(15),
  /** Not seen on within this after its time: it does not start, the money goes back. Looked at once more before. */
  startWithin: seconds(20),
  /** Pause between two tries on hardware that did not do it. */
  retryPause: seconds(1),
  /** How often a running relay is read, and how often one that does not answer. */
  readEvery: seconds(10),
  readWhenUnreachable: seconds(3),
  /** A gap longer than this is not delivered; a run that was seen off is given up when it does not get on again in as long. */
  gap: minutes(1),
  /** How far the device's clock may be off before its timer is not the one asked for; and tries to set it. */
  timerTolerance: seconds(30),
  timerTries: 5,
  /** The device's own timer may end this much before ours: that is the end, not a fault. */
  endTolerance: seconds(5),
  /** A machine without draw for this long, after it had worked, has finished. */
  idleMeansDone: minutes(1),
  idleBelowWatts: 3,
  /** Switch-off at the end is tried at growing pauses up to this, */
  offPauseMost: seconds(30),
  /** Any other ending is over without word of its switch-off after so many tries; */
  offTries: 5,
  /** a run that came to its end is given up this long after it. */
  reconciliation: hours(24),
} as const;
