import type { Language } from '../languages.js';

/** What a mail says. Both of its parts, HTML and plain text, are written from this; neither is made from the other. */
export interface MailContent {
  language: Language;
  subject: string;
  /** The line that mail programs show beside the subject. */
  preview: string;
  heading: string;
  paragraphs: readonly string[];
  /** Lines that a person wrote to the receiver, shown as theirs. */
  quote: readonly string[];
  /** Labelled facts, such as when and on which device. */
  facts: readonly (readonly [label: string, value: string])[];
  button: { label: string; url: string } | null;
  /** Small print under the button. */
  notes: readonly string[];
  /** Whether an answer to the mail reaches somebody. */
  answered: boolean;
}

/** What all templates know. All of it is clean: see `typedText`. */
export interface MailFrame {
  organisation: string;
  /** `22 November 2026, 20:52 UTC` */
  at: string;
  /** Whether answers go to the organisation. */
  answered: boolean;
}

/** The words of the look itself. */
export interface FrameWords {
  copyLink: string;
  sentBy: (host: string) => string;
  answersRead: string;
  answersNotRead: string;
}
