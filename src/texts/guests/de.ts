import type { Messages } from '../en.ts';

export const guests: Pick<Messages['pay'], 'wish' | 'wishStop'> & Pick<Messages['session'], 'message'> = {
  wish: {
    offer: 'Mail, wenn die Maschine frei ist',
    title: 'Mail, wenn die Maschine frei ist',
    email: 'Ihre E-Mail-Adresse',
    any: (others) =>
      others === 1
        ? 'Auch die andere Maschine hier mit denselben Programmen'
        : `Auch jede der ${others} anderen Maschinen hier mit denselben Programmen`,
    button: 'Mail anfordern',
    hint: (moment) =>
      `Eine Mail, sonst nichts. Reserviert wird nichts: Andere können schneller sein. Gilt bis ${moment}. An Adressen, deren Besitzer solche Mails abgelehnt hat, geht keine.`,
    noted: 'Vorgemerkt',
    notedThis: (device, moment) =>
      `Sie bekommen eine Mail, sobald ${device} frei ist und Sie an der Reihe sind, bis ${moment}.`,
    notedAny: (device, moment) =>
      `Sie bekommen eine Mail, sobald ${device} oder eine gleiche Maschine hier frei ist und Sie an der Reihe sind, bis ${moment}.`,
    notedHint: 'Sie können die Seite schließen. Reserviert wird nichts: Andere können schneller sein.',
    takeBack: 'Doch keine Mail',
    problems: {
      email: 'Bitte prüfen Sie die E-Mail-Adresse.',
      tooMany: 'Das waren zu viele Wünsche in kurzer Zeit. Bitte versuchen Sie es später noch einmal.',
    },
  },
  wishStop: {
    title: 'Keine solchen Mails mehr?',
    text: 'Jemand hat um eine Mail an Ihre Adresse gebeten, sobald eine Maschine frei ist. Sie können solche Mails abstellen.',
    hint: '30 Tage lang geht dann von hier keine Mail über freie Maschinen an diese Adresse, wer auch immer darum bittet.',
    button: 'Mails abstellen',
    doneTitle: 'Abgestellt',
    done: 'Von hier geht 30 Tage lang keine Mail über freie Maschinen mehr an diese Adresse.',
    doneHint: 'Belege und Nachrichten zu Ihren eigenen Läufen kommen weiterhin.',
  },
  message: {
    offer: 'Stimmt etwas nicht? An den Betreiber schreiben',
    title: 'An den Betreiber schreiben',
    text: 'Was ist schiefgegangen?',
    email: 'Ihre E-Mail-Adresse, für eine Antwort (freiwillig)',
    button: 'Absenden',
    hint: 'Der Betreiber liest es zusammen mit den Angaben zu diesem Lauf. Geld, das Ihnen zusteht, kommt von selbst zurück.',
    passed: (moment) => `Ihre Nachricht wurde weitergegeben (${moment}).`,
    again: 'Noch etwas schreiben',
    problems: {
      empty: 'Bitte schreiben Sie ein paar Worte.',
      long: (most) => `Bitte schreiben Sie höchstens ${most} Zeichen.`,
      email: 'Bitte prüfen Sie die E-Mail-Adresse, oder lassen Sie das Feld leer.',
      enough:
        'Zu diesem Lauf können keine weiteren Nachrichten angenommen werden. Die bisherigen wurden weitergegeben.',
      notYet: 'Hierzu gibt es noch nichts zu schreiben.',
    },
  },
};
