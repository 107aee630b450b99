import type { Branding } from '../page-context.ts';

/** A mail in words, before it becomes text and HTML. */
export type LetterWords = {
  subject: string;
  title: string;
  /** The sentence that matters most. */
  strong: string | null;
  paragraphs: string[];
  facts: [name: string, value: string][];
  button: { label: string; url: string } | null;
  why: string;
  /** Where the reader says that they want no such mails; null: nothing more comes anyway, or their settings say it. */
  stop: { label: string; url: string } | null;
};

export type LetterFrame = { language: string; companyName: string | null; branding: Branding };
