/** What a spam filter says of a mail, whichever filter it is. Types only, and how their words are read. Pure. */

export type Symbol = {
  name: string;
  score: number;
  /** In the filter's own words; null where it gives none. */
  description: string | null;
};
export type FilterView =
  | {
      answered: true;
      score: number;
      /** From here on it calls a mail spam. */
      limit: number;
      spam: boolean;
      /** `no action`, `greylist`, `add header`, `reject` … of rspamd. */
      action: string | null;
      /** The weightiest first. */
      symbols: Symbol[];
      milliseconds: number;
    }
  | { answered: false; reason: string; milliseconds: number };

/** Null: not set up. */
export type Views = { rspamd: FilterView | null; spamassassin: FilterView | null };

const MAX_SYMBOLS = 200;
/** Of the table that SpamAssassin prints for people. */
const MAX_LINE = 500;

/** The answer of `/checkv2`, version 3 of rspamd. Null when it is none. */
export function readRspamd(text: string, milliseconds: number): FilterView | null {
  const read = parse(text);
  if (!isObject(read) || typeof read.score !== 'number' || typeof read.action !== 'string') return null;
  const symbols = isObject(read.symbols) ? Object.values(read.symbols) : [];
  return {
    answered: true,
    score: rounded(read.score),
    limit: typeof read.required_score === 'number' ? rounded(read.required_score) : 15,
    spam: ['reject', 'add header', 'rewrite subject'].includes(read.action),
    action: read.action.slice(0, 50),
    symbols: sorted(
      symbols.flatMap((one) =>
        isObject(one) && typeof one.name === 'string'
          ? [
              {
                name: one.name.slice(0, 100),
                score: typeof one.score === 'number' ? rounded(one.score) : 0,
                description: typeof one.description === 'string' ? one.description.slice(0, 300) : null,
              },
            ]
          : [],
      ),
    ),
    milliseconds,
  };
}

/**
 * The answer of spamd to REPORT (spamd/PROTOCOL): a line `SPAMD/1.1 0 EX_OK`, headers with `Spam: True ; 15.3 / 5.0`, and a table of rules for people. Null when it is none.
 */
export function readSpamd(text: string, milliseconds: number): FilterView | null {
  if (!/^SPAMD\/\d\.\d+ 0 /.test(text)) return null;
  const head = /^Spam:\s*(True|False|Yes|No)\s*;\s*(-?[\d.]{1,20})\s*\/\s*(-?[\d.]{1,20})/im.exec(text.slice(0, 5000));
  if (head === null) return null;
  const [, word = '', score = '', limit = ''] = head;
  const symbols: Symbol[] = [];
  for (const whole of text.split(/\r?\n/, 2000)) {
    // Words of the mail stand in the answer, too: of a line that has no end only its beginning is read.
    const line = whole.slice(0, MAX_LINE);
    const rule = /^\s*\*?\s*(-?\d{1,4}(?:\.\d{1,3})?)\s+([A-Z][A-Z0-9_]{2,60})\s+(\S.*)$/.exec(line);
    const last = symbols.at(-1);
    if (rule)
      symbols.push({ name: rule[2] ?? '', score: Number(rule[1]), description: (rule[3] ?? '').trim().slice(0, 300) });
    // A long description goes on beneath, indented.
    else if (last !== undefined && /^\s{20,}\S/.test(line) && last.description !== null)
      last.description = `${last.description} ${line.trim()}`.slice(0, 300);
  }
  return {
    answered: true,
    score: rounded(Number(score)),
    limit: rounded(Number(limit)),
    spam: /^(?:true|yes)$/i.test(word),
    action: null,
    symbols: sorted(symbols),
    milliseconds,
  };
}

function sorted(symbols: Symbol[]): Symbol[] {
  return symbols.sort((a, b) => Math.abs(b.score) - Math.abs(a.score)).slice(0, MAX_SYMBOLS);
}

const rounded = (value: number): number => (Number.isFinite(value) ? Math.round(value * 100) / 100 : 0);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
