/** What is said of a file before it is sent to the server. */

/** No provider takes more. */
export const LARGEST_BYTES = 50_000_000;
const LONGEST_NAME = 200;

/** `spring-sale.eml` → `spring-sale`; null where a name says nothing, so that the subject is taken. */
export function campaignNameOf(file: string): string {
  return file
    .replace(/\.(?:eml|msg|txt|mbox)$/i, '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, LONGEST_NAME);
}
