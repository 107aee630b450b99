import { Type } from 'typebox';
import { Nullable } from '../../http/shapes.ts';

/** What a lock can do, as its driver describes it (drivers/lock-port). */
export const LockCapabilitiesShown = Type.Object({
  unlock: Type.Boolean({ description: 'From afar' }),
  lock: Type.Boolean(),
  momentary: Type.Boolean(),
  tellsBolt: Type.Boolean(),
  tellsDoor: Type.Boolean(),
  keypad: Nullable(
    Type.Object(
      {
        lengthMin: Type.Integer(),
        lengthMax: Type.Integer(),
        slots: Nullable(Type.Integer()),
        namesSlots: Type.Boolean(),
        keepsWindows: Type.Boolean(),
        readsBack: Type.Boolean(),
        changesInPlace: Type.Boolean(),
      },
      { description: 'null: none that can be written to from here' },
    ),
  ),
  issuesCodes: Nullable(
    Type.Object(
      { granularity: Type.Integer({ description: 'Milliseconds: codes begin and end at multiples of it' }) },
      { description: 'The vendor can choose a code without reaching the lock' },
    ),
  ),
  issuesQr: Type.Boolean(),
  passage: Type.Boolean(),
  tellsRecords: Type.Boolean(),
});
