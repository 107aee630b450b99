/**
 * The message catalogue, and the source of its type. Plain words, short sentences, never a vendor's error, never a
 * promise the system does not keep. Titles of the session page are fixed by the Hygate contract.
 */
import { doors } from './doors/en.ts';
import { guests } from './guests/en.ts';
import { noticesEn } from './notices/en.ts';

const plural = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

export const en = {
  durations: {
    days: (n: number) => `${n} days`, // two at least
    hours: (n: number) => `${n} h`,
    minutes: (n: number) => `${n} min`,
    hoursInWords: (n: number) => plural(n, 'hour', 'hours'),
    minutesInWords: (n: number) => plural(n, 'minute', 'minutes'),
  },
  common: {
    tryAgain: 'Try again',
    noConnection: 'No connection. The machine goes on by itself, and this page catches up as soon as there is signal.',
    noConnectionToPay: 'No connection. Nothing was charged. Find a spot with better signal and press again.',
    free: 'Free',
    language: 'Language',
  },
  pay: {
    ready: 'Ready to use',
    chooseProgram: 'Choose a program',
    program: 'Program',
    programs: 'Programs and prices',
    startsAtOnce: 'Starts right after payment',
    startsAtOnceFree: 'Starts at once',
    startsLater: (words: string) => `Starts ${words} after payment, so you can load it`,
    startsLaterFree: (words: string) => `Starts ${words} later, so you can load it`,
    emailSummary: 'Send me a receipt',
    email: 'E-mail for the receipt (optional)',
    mailWhenDone: 'Mail me when it is done, too',
    continue: 'Continue to payment',
    pay: (price: string) => `Pay ${price}`,
    start: 'Start',
    busy: 'One moment …',
    promise: 'If it does not start, your money comes back by itself.',
    promiseDetail: 'You need not ask anyone. No app, no account: you pay on a secure page.',
    promiseFree: 'No app, no account, nothing to pay.',
    cancelled: 'You came back without paying. Nothing was charged.',
    problems: {
      email: 'Please check the e-mail address, or leave it empty.',
      program: 'This program is not offered any more. Please choose another one.',
      payment: 'The payment service does not answer right now. Nothing was charged. Please try again in a moment.',
      closing:
        'This program does not fit before closing time any more. Nothing was charged. Please choose a shorter one.',
      other: 'That did not work. Nothing was charged. Please try again.',
    },
    hours: {
      title: 'Opening hours',
      openUntil: (moment: string) => `Open until ${moment}`,
      closedAllDay: 'Closed',
      zone: (name: string) => `Local times: ${name}`,
      endsTooLate: (duration: string, moment: string) => `This program takes ${duration}; we close at ${moment}.`,
      startsTooLate: (moment: string) => `We close at ${moment}, before this program would start.`,
    },
    closed: {
      title: 'Closed',
      opens: (moment: string) => `It opens again: ${moment}.`,
      unknown: 'It is not open at the moment.',
      holiday: (name: string) => `Today: ${name}.`,
      hint: 'Nothing can be bought while it is closed. A machine that is running goes on to its end.',
    },
    tooLate: {
      title: 'Closing Soon',
      text: (moment: string) => `We close at ${moment}, and no program fits before that.`,
      hint: 'Please come back when it is open again.',
    },
    held: {
      title: 'Somebody Is Paying',
      text: 'Another guest is paying for this machine right now. If they do not finish, it is free again in',
      hint: 'You can wait here. This page opens by itself when the machine is free.',
    },
    heldByYou: {
      title: 'Kept for You',
      text: 'You have begun to pay. This machine is kept for you for another',
      continue: (price: string) => `Continue paying ${price}`,
      hint: 'If you do not want it any more, just leave. Nothing is charged until you have paid.',
      other: 'Choose another program',
    },
    yours: {
      title: 'In Use by You',
      text: 'You have started this machine.',
      open: 'Show my session',
      hint: 'Your session page tells how it goes on, and what becomes of your money.',
    },
    lastSession: 'Your last session on this machine',
    inUse: {
      title: 'In Use',
      until: (moment: string) => `The machine is running. It should be free at ${moment}.`,
      openEnd: 'The machine is running and will be free when it is done.',
      left: 'until it should be free',
      hint: 'Leave this page open, or come back later. It opens by itself when the machine is free.',
    },
    wish: guests.wish,
    wishStop: guests.wishStop,
    maintenance: {
      title: 'Device Currently Unavailable',
      text: 'This machine is being looked after and takes no payments right now.',
      hint: 'Please take another machine, or come back later.',
    },
    offline: {
      title: 'No Connection to the Machine',
      text: 'We cannot reach this machine right now, so we do not take your money.',
      hint: 'It often comes back within a few minutes, and this page keeps checking. Or take another machine.',
    },
    noPlans: {
      title: 'Nothing to Choose Yet',
      text: 'There are no programs for this machine at the moment.',
      hint: 'Please take another machine, or come back later.',
    },
    paymentsOff: {
      title: 'No Payments Right Now',
      text: 'This machine cannot take payments at the moment. Nothing was charged.',
      hint: 'Please come back later.',
    },
  },
  session: {
    titles: {
      'waiting-for-payment': 'Waiting for Your Payment',
      'waiting-to-start': 'Load the Machine Now',
      starting: 'Starting',
      running: 'Running',
      finishing: 'Finishing',
      complete: 'Session Complete',
      interrupted: 'Session Ended',
      'failed-to-start': 'Session Could Not Start',
      'payment-not-completed': 'Payment Not Completed',
      unavailable: 'Device Unavailable',
    },
    left: 'left',
    startsIn: 'starts in',
    finishesAt: (moment: string) => `Finishes at ${moment}`,
    waitingForPayment: 'As soon as your payment is confirmed, the machine starts. That mostly takes a few seconds.',
    waitingForPaymentHint: 'You can close this page and come back to it. Your payment is not lost.',
    waitingToStart: (moment: string) => `It starts by itself at ${moment}. There is nothing to press here.`,
    waitingToStartUnknown: 'It starts by itself. There is nothing to press here.',
    notPaidYet: 'Not paid yet? Back to the payment',
    starting: 'The machine is being switched on. This takes a few seconds.',
    startingPromise: (price: string) => `If it does not start, ${price} comes back to you by itself.`,
    running: 'You can close this page. The machine stops by itself.',
    finishing: 'The time is up. The machine stops by its own timer.',
    complete: (duration: string) => `It ran for its full ${duration}. Thank you!`,
    completeEarly: (duration: string) => `The machine finished after ${duration}. Thank you!`,
    unavailable: 'We cannot reach the machine at the moment. It runs on its own timer and stops by itself.',
    unavailablePromise: 'If it did not run, your money comes back by itself.',
    lessThanAMinute: 'less than a minute',
    ranFor: (ran: string, bought: string) => `It ran for ${ran} of ${bought}.`,
    ranUnknown: 'Nobody can say how long it ran. If something was wrong, please tell the owner.',
    notCharged: 'Nothing was charged.',
    paymentNotCompleted: 'The payment was not finished, so the machine was not started.',
    startAgain: 'Start again',
    more: {
      title: 'Need more time?',
      button: (duration: string, price: string) => `Add ${duration} · ${price}`,
      hint: 'It is added to the time that is left. If it comes too late, your money comes back by itself.',
      added: (duration: string) => `${duration} added.`,
      waiting: (duration: string) => `${duration} more, as soon as your payment is confirmed.`,
      problems: {
        tooLate: 'More time cannot be added now. Nothing was charged.',
        payment: 'The payment did not work just now. Nothing was charged. Please try again.',
      },
    },
    reasons: {
      staff: 'The session was ended by the staff.',
      machine: 'The machine stopped before its time.',
      unreachable: 'We lost sight of the machine before its time was over.',
      reversed: 'The payment was taken back, so the session ended.',
      ended: 'The session ended before its time.',
      noStart: 'The machine did not switch on.',
      offline: 'The machine could not be reached.',
    },
    refund: {
      pending: (amount: string) => `${amount} is on its way back to your card.`,
      pendingHint: 'Banks need up to 10 days to show it. You need not do anything.',
      done: (amount: string) => `${amount} has been returned to your card.`,
      doneHint: 'Banks need up to 10 days to show it.',
      failed: (amount: string) => `${amount} is due back to you, but could not be returned yet.`,
      failedHint: 'The staff can see this. Keep this page as your proof, and ask them if it does not arrive.',
      due: (amount: string) => `${amount} comes back to your card by itself.`,
    },
    message: guests.message,
    facts: {
      program: 'Program',
      place: 'Place',
      started: 'Started',
      finishes: 'Finishes',
      ended: 'Ended',
      price: 'Price',
    },
  },
  doors,
  consent: {
    title: (program: string) => `Let ${program} Use Your Locks?`,
    text: (program: string) =>
      `${program} will see the locks that you see, and operate them in your name, until you or an administrator ends it.`,
    name: 'User name or e-mail',
    password: 'Password',
    allow: 'Sign in and allow',
    deny: 'Do not allow',
    hint: 'Your password stays here: the program is not told it.',
    problems: {
      wrong: 'Name or password is wrong.',
      locked: 'Too many tries. Try again in a quarter of an hour.',
      disabled: 'This account is disabled.',
    },
    unknown: {
      title: 'This Link Leads Nowhere',
      text: 'The program that sent you here is not known, or it wants to have you sent to an address that is not its own.',
      hint: 'Nothing was allowed. An administrator can look at the API client and its addresses.',
    },
  },
  mail: {
    receipt: {
      subject: (device: string, price: string) => `Receipt: ${price} for ${device}`,
      title: 'Your Receipt',
      text: 'Thank you. Your payment has arrived.',
    },
    done: {
      complete: (device: string) => `${device} is done`,
      interrupted: (device: string) => `${device} ended early`,
      'failed-to-start': (device: string) => `${device} did not start`,
    },
    refund: {
      subject: (amount: string) => `${amount} comes back to you`,
      title: 'Your Money Comes Back',
    },
    facts: {
      machine: 'Machine',
      paid: 'Paid',
      paidAt: 'Paid at',
      comesBack: 'Comes back',
      reference: 'Reference',
    },
    open: 'Show my session',
    why: 'You get this mail because this address was given when paying. It was sent by itself; answers to it are not read.',
    free: {
      subject: (device: string) => `${device} is free`,
      title: 'A Machine Is Free',
      since: (device: string, moment: string) => `${device} has been free since ${moment}.`,
      faster: 'It is not reserved for you: others may be faster.',
      open: 'Go to the machine',
      goneSubject: (device: string) => `${device} was free, and somebody was faster`,
      goneTitle: 'Somebody Was Faster',
      gone: (device: string, moment: string) =>
        `${device} was free (${moment}), but is taken again. On its page you can ask once more.`,
      goneOpen: 'Look at the machine',
      why: 'You get this one mail because it was asked for at the machine. It was sent by itself; answers to it are not read.',
      stop: 'No more of these mails',
    },
    code: {
      subject: (code: string) => `Your code: ${code}`,
      title: 'Your Code',
      text: 'Type it into the app in which you are signing in. It is good for ten minutes.',
      notYou:
        'If you are not signing in anywhere, somebody else knows your password: change it, and give the code to nobody.',
      why: 'You get this mail because an app was signed in with your account. It was sent by itself; answers to it are not read.',
    },
    notice: {
      many: (count: number) => `${count} things need attention`,
      title: 'Needs Your Attention',
      raised: (moment: string) => `since ${moment}`,
      cleared: (moment: string) => `over since ${moment}`,
      open: 'Open the console',
      why: 'You get this mail because your address is set for notices in the settings.',
      written: {
        quoted: (device: string | null, text: string) => (device === null ? `“${text}”` : `${device}: “${text}”`),
        answer: (email: string) => `An answer reaches the guest at ${email}.`,
        noAnswer: 'The guest left no address for an answer.',
      },
    },
  },
  messages: {
    'not-found': {
      title: 'Access point not found',
      text: 'There is nothing behind this address. The code may be old, or a part of it is missing.',
      hint: 'Please scan the code on the machine or door again.',
    },
    error: {
      title: 'Something Went Wrong',
      text: 'This is our fault, not yours. Please try again in a moment.',
      hint: 'If you have paid and nothing started, your money comes back by itself.',
    },
    'too-many': {
      title: 'One Moment, Please',
      text: 'There were too many tries in a short time.',
      hint: 'Wait a minute, then try again.',
    },
    unavailable: {
      title: 'Back in a Moment',
      text: 'The server is just starting or very busy. This page tries again by itself.',
      hint: 'A running machine goes on and stops by its own timer.',
    },
  },
  notices: noticesEn,
  console: {
    title: 'Keystead',
    text: 'The server is running. The console is not part of this version yet; everything can be done through the API.',
    link: 'Open the API reference',
  },
};

type Widened<T> = {
  readonly [Key in keyof T]: T[Key] extends string
    ? string
    : T[Key] extends (...args: infer Parameters) => string
      ? (...args: Parameters) => string
      : Widened<T[Key]>;
};

/** Every language has exactly these keys, with these parameters. */
export type Messages = Widened<typeof en>;
