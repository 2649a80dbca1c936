/** True when every word that was typed stands somewhere in the texts; width and case do not matter (ａ finds A). */
export function finds(search: string, texts: readonly string[]): boolean {
  const hay = fold(texts.join('\n'));
  return fold(search)
    .split(/\s+/)
    .every((word) => hay.includes(word));
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
