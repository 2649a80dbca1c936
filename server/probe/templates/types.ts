/**
 * Built-in messages of monitors. A filter judges what it reads, so a probe that says "test 123" for ever measures how filters like "test 123".
 * These read like the everyday mail of a small company, differ from run to run, and link only to the domain they come from.
 */

/**
 * What a monitor or a test wants said: a built-in template, or the user's own words. A monitor's message has this shape; it is declared
 * here because probes know nothing of monitors.
 */
export type ProbeMessage = {
  template?: ProbeTemplate | undefined;
  language?: 'en' | 'ja' | undefined;
  subject?: string | undefined;
  text?: string | undefined;
  html?: string | undefined;
  /** False keeps the token out of the visible body. */
  tokenInBody?: boolean | undefined;
};
export type ProbeTemplate = 'plain' | 'one-link' | 'newsletter' | 'varied';

export type TemplateContext = {
  /** Domain of the From address: every link points there. */
  domain: string;
  /** Who signs; the From name, or the domain when there is none. */
  name: string;
  /** Day of sending, written out in the template's language. */
  day: string;
};

export type Written = { subject: string; paragraphs: string[]; link?: { label: string; path: string } };

export type Newsletter = {
  subject: string;
  heading: string;
  intro: string;
  items: { title: string; text: string; path: string; label: string }[];
  /** Why the reader gets it, and how to stop it: both true, since a reply reaches the From address. */
  footer: string;
  unsubscribe: string;
};

/** All built-in messages of one language. */
export type Templates = {
  greeting: string;
  closing: (context: TemplateContext) => string;
  reference: (token: string) => string;
  plain: ((context: TemplateContext) => Written)[];
  oneLink: ((context: TemplateContext) => Written)[];
  newsletter: ((context: TemplateContext) => Newsletter)[];
};
