import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.ts';

const names = ['Washer 1', 'Gym lights'];

describe('what the simulators are told on the command line', () => {
  it('puts devices on a broker and lets others dial, each as often as named', () => {
    const url = 'wss://pay.example.com/api/inbound/shelly/a=b';
    const words = ['--mqtt', 'Gym lights', '--mqtt', 'Washer 1', '--mqtt-port', '0', '--dial', `Washer 1=${url}`];
    expect(readArguments(words, names)).toEqual({
      broker: { devices: ['Gym lights', 'Washer 1'], port: 0 },
      dials: [{ name: 'Washer 1', url }],
    });
  });

  it('starts no broker when nobody is to sit on it', () => {
    expect(readArguments([], names)).toEqual({ broker: null, dials: [] });
  });

  it('says in a sentence what is wrong, and which devices there are', () => {
    expect(() => readArguments(['--mqtt', 'Sauna'], names)).toThrow(
      'There is no device "Sauna". There are: Washer 1, Gym lights.',
    );
    expect(() => readArguments(['--dial', 'Sauna=ws://localhost/'], names)).toThrow('There is no device "Sauna"');
    expect(() => readArguments(['--dial', 'Washer 1'], names)).toThrow('--dial must look like "Washer 1=ws://…"');
    expect(() => readArguments(['--dial', 'Washer 1=http://localhost/'], names)).toThrow('--dial must look like');
    expect(() => readArguments(['--mqtt-port', 'x'], names)).toThrow('--mqtt-port must be');
    expect(() => readArguments(['--broker'], names)).toThrow('--broker');
  });
});
