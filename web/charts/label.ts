/** Names beside bars. Japanese letters are two columns wide, so counting letters would cut them too late. */

/** Half-width columns that a label may take before it goes on in a second line. */
const LABEL_WIDTH = 16;

/** Breaks a long name before a bracket or at a blank, so that bars keep their room on a phone. */
export function wrapped(label: string): string | string[] {
  const width = [...label].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e7f ? 2 : 1), 0);
  if (width <= LABEL_WIDTH) return label;
  const at = label.search(/\s?[(（/]/);
  const cut = at > 0 ? at : label.lastIndexOf(' ', LABEL_WIDTH);
  return cut > 0 ? [label.slice(0, cut), label.slice(cut).trim()] : label;
}
