import { minutes, seconds } from '../instant.ts';

/** Nobody puts off asking how a payment stands for longer. What is put off further was so before the clock was set back. */
export const longestPause = minutes(10);

/** Soon at first, when a guest may stand there waiting; later at ease, until the checkout expires. */
export const pauseAfter = (checks: number): number => Math.min(longestPause, seconds(15) * 2 ** Math.min(checks, 8));
