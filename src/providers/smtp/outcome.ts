import { networkWords } from '../../host/network-words.ts';
import { oneLine } from '../../rules/mail/address.ts';
import type { MailOutcome } from '../mail-port.ts';

/**
 * What a failed talk means for the mail. `handedOver`: the server had said "go ahead" and the body was on its way, so a
 * silence then leaves open whether it was taken; an answer never does.
 */
export function outcomeOf(error: unknown, handedOver: boolean): MailOutcome {
  const fault = faultOf(error);
  if (fault.answer !== null) {
    // a no to our log-in, our sender or our greeting is the set-up's, and may be mended
    const aboutMail = fault.command === 'RCPT TO' || fault.command === 'DATA';
    if (fault.permanent && aboutMail) return { kind: 'refused', detail: fault.detail };
    return { kind: 'later', about: aboutMail ? 'mail' : 'server', detail: fault.detail };
  }
  // refused before a word was said: no server can be told this address, or take a mail of this size
  if (fault.code === 'EENVELOPE' || fault.code === 'EMESSAGE') return { kind: 'refused', detail: fault.detail };
  if (handedOver) return { kind: 'unknown', detail: fault.detail };
  return { kind: 'later', about: 'server', detail: fault.detail };
}

type Fault = { code: string; command: string; answer: number | null; permanent: boolean; detail: string };

/** The package's errors carry what the server said beside their message. */
function faultOf(error: unknown): Fault {
  const facts = (error instanceof Error ? error : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof facts[name] === 'string' ? facts[name] : '');
  return {
    code: text('code'),
    command: text('command'),
    answer: typeof facts.responseCode === 'number' ? facts.responseCode : null,
    permanent: facts.permanent === true,
    detail: networkWords(error) ?? oneLine(error instanceof Error ? error.message : String(error)).slice(0, 300),
  };
}
