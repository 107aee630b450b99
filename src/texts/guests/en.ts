/** What pages say to guests who wait for a machine, and to those who write to the owner. */
export const guests = {
  wish: {
    offer: 'Mail me when it is free',
    title: 'Mail Me When It Is Free',
    email: 'Your e-mail address',
    any: (others: number) =>
      others === 1
        ? 'The other machine here with the same programs will do, too'
        : `Any of the ${others} other machines here with the same programs will do, too`,
    button: 'Mail me once',
    hint: (moment: string) =>
      `One mail, nothing else. It reserves nothing: others may be faster. It counts until ${moment}. Addresses whose owner refused such mails get none.`,
    noted: 'Noted',
    notedThis: (device: string, moment: string) =>
      `We send you one mail when ${device} is free and it is your turn, until ${moment}.`,
    notedAny: (device: string, moment: string) =>
      `We send you one mail when ${device} or a machine like it here is free and it is your turn, until ${moment}.`,
    notedHint: 'You can close this page. It reserves nothing: others may be faster.',
    takeBack: 'Do not mail me',
    problems: {
      email: 'Please check the e-mail address.',
      tooMany: 'Those were too many wishes in a short time. Please try again later.',
    },
  },
  wishStop: {
    title: 'No More of These Mails?',
    text: 'Somebody asked for a mail to your address when a machine is free. You can stop such mails.',
    hint: 'For 30 days no mail about free machines goes to this address from here, whoever asks for one.',
    button: 'Stop these mails',
    doneTitle: 'Stopped',
    done: 'No mail about free machines goes to this address from here any more, for 30 days.',
    doneHint: 'Receipts, and what you are told about a session of yours, still come.',
  },
  message: {
    offer: 'Something wrong? Tell the owner',
    title: 'Tell the Owner',
    text: 'What went wrong?',
    email: 'Your e-mail address, for an answer (optional)',
    button: 'Send',
    hint: 'The owner reads it with the facts of this session. Your money comes back by itself where it is due.',
    passed: (moment: string) => `Your message was passed on (${moment}).`,
    again: 'Write once more',
    problems: {
      empty: 'Please write a few words.',
      long: (most: string) => `Please write at most ${most} characters.`,
      email: 'Please check the e-mail address, or leave it empty.',
      enough: 'No more messages can be taken for this session. What you wrote before was passed on.',
      notYet: 'There is nothing to write about yet.',
    },
  },
};
