import { Logger } from 'graphile-worker';
import type { Log } from './log.ts';

/**
 * The job queue's lines in our log. Its `info` is one line a job: debug here. What it hands along (whole jobs with their
 * payloads) stays out of the log.
 */
export function workerLogger(log: Log): Logger {
  return new Logger((scope) => (level, text) => {
    const facts = scope.taskIdentifier === undefined ? {} : { task: scope.taskIdentifier, job: scope.jobId };
    if (level === 'error') log.error(facts, text);
    else if (level === 'warning') log.warn(facts, text);
    else log.debug(facts, text);
  });
}
