/** A machine is free: to who waited for it. True also when it is read late. */
import type { FreeFacts } from '../../features/wishes/telling.service.ts';
import { formatDayAndTime } from '../../texts/format.ts';
import type { LetterWords } from './letter.ts';
import type { Told } from './session-letters.ts';

export function freeWords({ device, location, since, still, stopPath }: FreeFacts, told: Told): LetterWords {
  const { say, publicUrl } = told;
  const words = say.mail.free;
  const moment = formatDayAndTime(since, told.timeZone, told.language);
  return {
    subject: still ? words.subject(device.name) : words.goneSubject(device.name),
    title: still ? words.title : words.goneTitle,
    strong: still ? words.since(device.name, moment) : null,
    paragraphs: still ? [words.faster] : [words.gone(device.name, moment)],
    facts: [
      [say.mail.facts.machine, device.name],
      ...(location === null ? [] : [[say.session.facts.place, location.name] as [string, string]]),
    ],
    button: { label: still ? words.open : words.goneOpen, url: `${publicUrl}/pay/${device.uid}` },
    why: words.why,
    stop: { label: words.stop, url: publicUrl + stopPath },
  };
}
