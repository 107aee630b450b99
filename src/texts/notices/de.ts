import type { Messages } from '../en.ts';

const of = (name: string | null, text: string): string => (name === null ? text : `${name}: ${text}`);

export const noticesDe: Messages['notices'] = {
  'device-offline': {
    title: ({ name }) => of(name, 'nicht erreichbar'),
    means: () =>
      'Das Gerät antwortet nicht. Solange wird es nicht verkauft; ein laufender Lauf endet durch seinen eigenen Timer.',
    todo: () =>
      'Prüfen Sie, ob es Strom hat und das WLAN erreicht. Die Meldung verschwindet von selbst, sobald es antwortet.',
  },
  'relay-on-without-session': {
    title: ({ name }) => of(name, 'eingeschaltet ohne Lauf'),
    means: ({ since, watts, source }) =>
      [
        since === null
          ? 'Das Relais ist an, ohne dass jemand bezahlt oder es eingeschaltet hat.'
          : `An seit ${since}, ohne dass es jemand verlangt hat.`,
        watts === null ? '' : `Es zieht ${watts}.`,
        source === null ? '' : `Zuletzt geschaltet durch: ${source}.`,
        'Der Server schaltet es aus, immer wieder, bis es aus ist.',
      ]
        .filter((part) => part !== '')
        .join(' '),
    todo: () =>
      'Suchen Sie den Taster, den Zeitplan oder die andere App, die dieses Relais schaltet, und stellen Sie das ab. Bleibt die Meldung, ziehen Sie den Stecker.',
  },
  'session-lost-sight': {
    title: ({ name }) => of(name, 'Ende eines Laufs nicht gesehen'),
    means: () =>
      'Einen Tag nach dem Ende war noch nicht zu sehen, dass das Relais aus ist. Der Lauf wurde abgeschlossen; beendet hat ihn sein eigener Timer.',
    todo: () => 'Sehen Sie nach, ob die Maschine aus ist und warum das Gerät nicht antwortet.',
  },
  'refund-failed': {
    title: ({ name, amount }) =>
      of(name, amount === null ? 'Rückzahlung fehlgeschlagen' : `Rückzahlung von ${amount} fehlgeschlagen`),
    means: () =>
      'Der Zahlungsdienst lehnt eine Rückzahlung ab, die einem Gast zusteht. Sie wird von selbst erneut versucht.',
    todo: () =>
      'Sehen Sie in Ihrem Konto beim Zahlungsdienst nach: oft reicht das Guthaben nicht. Oder zahlen Sie dort von Hand zurück; das zählt.',
  },
  'payment-mismatch': {
    title: ({ name }) => of(name, 'Zahlung passt nicht'),
    means: ({ amount, came }) =>
      amount === null || came === null
        ? 'Es kam Geld, das nicht zu dem passt, was verlangt war.'
        : `Verlangt waren ${amount}, gekommen sind ${came}.`,
    todo: () => 'Es kauft nichts und geht von selbst zurück. Sehen Sie beim Zahlungsdienst nach, wie es dazu kam.',
  },
  'guest-message': {
    title: ({ name }) => of(name, 'ein Gast hat geschrieben'),
    means: () => 'Ein Gast meldet, dass bei seinem Lauf etwas nicht stimmte. Was er schrieb, steht in der Meldung.',
    todo: () =>
      'Lesen Sie es, sehen Sie sich den Lauf an und antworten Sie, wenn der Gast eine Adresse hinterlassen hat. Danach ausblenden.',
  },
  dispute: {
    title: ({ name, amount }) =>
      of(name, amount === null ? 'Zahlung angefochten' : `Zahlung von ${amount} angefochten`),
    means: () => 'Die Bank des Gastes verlangt dieses Geld zurück. Ohne Antwort innerhalb der Frist ist es verloren.',
    todo: () => 'Antworten Sie beim Zahlungsdienst, mit den Zeiten des Laufs als Beleg, oder nehmen Sie es dort hin.',
  },
  'stripe-credentials': {
    title: () => 'Der Zahlungsdienst lehnt unseren Schlüssel ab',
    means: () =>
      'Stripe nimmt den geheimen Schlüssel nicht an. Solange kann nichts verkauft und nichts erstattet werden.',
    todo: () =>
      'Tragen Sie den geheimen Schlüssel Ihres Stripe-Kontos neu ein. Die Meldung verschwindet von selbst, sobald er gilt.',
  },
  'mail-not-going-out': {
    title: () => 'E-Mails gehen nicht hinaus',
    means: () =>
      'Der Mailserver ist nicht erreichbar oder lehnt uns ab. E-Mails warten bis zu drei Tage und gehen hinaus, sobald es wieder klappt.',
    todo: () => 'Prüfen Sie SMTP_URL und MAIL_FROM und den Mailserver selbst.',
  },
  'broker-down': {
    title: ({ name }) => of(name, 'Broker antwortet nicht'),
    means: () => 'Die Geräte hinter diesem Broker sind nicht zu erreichen. Solange werden sie nicht verkauft.',
    todo: () => 'Prüfen Sie, ob der Broker läuft und ob Adresse und Passwort in der Verbindung noch stimmen.',
  },
  'requests-nearly-used-up': {
    title: ({ name }) => of(name, 'Anfragen dieses Monats fast aufgebraucht'),
    means: () =>
      'Der Anbieter erlaubt nur eine bestimmte Zahl von Anfragen im Monat; neun von zehn sind verbraucht. Sind alle verbraucht, lässt sich bis zum Ende des Monats kein Schloss dieser Verbindung von hier aus öffnen; Codes, die darauf sind, öffnen weiterhin.',
    todo: () => 'Bestellen Sie beim Anbieter mehr Anfragen, und tragen Sie ihre Zahl in die Verbindung ein.',
  },
  'lock-offline': {
    title: ({ name }) => of(name, 'Schloss nicht erreichbar'),
    means: ({ since }) =>
      `Das Schloss oder das Gateway davor antwortet nicht${since === null ? '' : ` seit ${since}`}. Von hier aus lässt es sich nicht öffnen; Codes, die darauf sind, öffnen weiterhin.`,
    todo: () =>
      'Prüfen Sie, ob das Gateway Strom und Netz hat und nahe genug ist, und ob das Schloss Strom hat. Die Meldung verschwindet von selbst, sobald es antwortet.',
  },
  'lock-battery-low': {
    title: ({ name, battery }) => of(name, battery === null ? 'Batterie schwach' : `Batterie bei ${battery}`),
    means: () =>
      'Die Batterien des Schlosses sind fast leer. Danach kommt niemand mehr mit Code oder von hier aus hinein.',
    todo: () => 'Wechseln Sie bald alle Batterien. Die Meldung verschwindet mit der nächsten Ablesung von selbst.',
  },
  'lock-battery-unknown': {
    title: ({ name }) => of(name, 'Batteriestand nicht bekannt'),
    means: () => 'Seit 14 Tagen gab es keine frische Ablesung der Batterie. Der gezeigte Stand kann falsch sein.',
    todo: () => 'Öffnen Sie das Schloss einmal vor Ort mit der App des Herstellers, oder prüfen Sie sein Gateway.',
  },
  'lock-jammed': {
    title: ({ name }) => of(name, 'Schloss klemmt'),
    means: ({ since }) =>
      `Der Riegel konnte sich nicht bewegen${since === null ? '' : `, seit ${since}`}. Vielleicht ist die Tür nicht verschlossen.`,
    todo: () => 'Gehen Sie hin: Ist die Tür zu und der Riegel frei? Drehen Sie ihn einmal von Hand.',
  },
  'door-passage': {
    title: ({ name }) => of(name, 'freier Durchgang nicht wie gewünscht'),
    means: () =>
      'Das Schloss hat noch nicht übernommen, ob diese Tür frei ist. Sie kann verschlossen sein, obwohl sie offen sein soll, oder offen, obwohl sie verschlossen sein soll.',
    todo: () =>
      'Gehen Sie hin, oder sehen Sie nach, ob das Gateway des Schlosses online ist; es wird ihm von selbst wieder gesagt. Manche Schlösser lassen sich gar nicht offen halten: Ändern Sie dann den Status der Tür.',
  },
  'pin-suspended': {
    title: ({ name, pin }) =>
      of(name, pin === null ? 'Code lässt sich nicht setzen' : `Code von ${pin} lässt sich nicht setzen`),
    means: () =>
      'Das Schloss hat ihn dreimal in fünf Minuten abgelehnt. Nur dieser Code ruht eine Weile und wird dann wieder versucht; alle anderen laufen weiter.',
    todo: () =>
      'Geben Sie der Person einen anderen Weg hinein oder andere Ziffern. Prüfen Sie, ob das Schloss voll ist und sein Gateway nah genug.',
  },
  'pin-conflict': {
    title: ({ name, pin }) => of(name, pin === null ? 'Ziffern sind vergeben' : `Ziffern von ${pin} sind vergeben`),
    means: ({ other }) =>
      other === null
        ? 'Ein anderer Code auf dem Schloss hat dieselben Ziffern. Dieser Code ist nicht auf dem Schloss.'
        : `Der Code „${other}“, der nicht von hier gesetzt wurde, hat dieselben Ziffern. Dieser Code ist nicht auf dem Schloss.`,
    todo: () =>
      'Wählen Sie andere Ziffern, oder entfernen oder übernehmen Sie den anderen Code bei den Codes des Schlosses.',
  },
  'unmanaged-codes': {
    title: ({ name, count }) =>
      of(name, count === null ? 'unbekannte Codes auf dem Schloss' : `unbekannte Codes auf dem Schloss: ${count}`),
    means: () => 'Auf dem Schloss sind Codes, die nicht von hier gesetzt wurden. Sie öffnen die Tür.',
    todo: () =>
      'Übernehmen oder entfernen Sie sie, oder lassen Sie sie in Ruhe: bei den Codes des Schlosses. Auch seine Regel für solche Codes lässt sich ändern.',
  },
};
