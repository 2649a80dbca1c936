/**
 * Which language a mail speaks: by its script where that decides, by its most frequent small words where it is Latin. It need not be right about Norwegian; it must be
 * right about Japanese and English, whose laws and unsubscribe words are looked for. Pure.
 */

const SMALL_WORDS: Record<string, RegExp> = {
  en: /\b(?:the|and|you|your|for|with|this|our|from|are|have)\b/gi,
  de: /\b(?:und|der|die|das|sie|ihr|ihre|für|mit|ist|nicht|auf)\b/gi,
  fr: /\b(?:vous|votre|les|des|pour|avec|est|dans|nous|une)\b/gi,
  es: /\b(?:usted|los|las|para|con|una|que|por|está|del)\b/gi,
};

/** @returns tags such as `ja` and `en`, the most spoken first; empty when nothing can be told */
export function languagesOf(text: string): string[] {
  const sample = text.slice(0, 50_000);
  const letters = count(sample, /\p{L}/gu);
  if (letters < 20) return count(sample, /[\p{sc=Hiragana}\p{sc=Katakana}]/gu) > 0 ? ['ja'] : [];
  const kana = count(sample, /[\p{sc=Hiragana}\p{sc=Katakana}]/gu);
  const han = count(sample, /\p{sc=Han}/gu);
  const scripts: [string, number][] = [
    ['ja', kana > 0 ? kana + han : 0],
    ['zh', kana === 0 ? han : 0],
    ['ko', count(sample, /\p{sc=Hangul}/gu)],
    ['ru', count(sample, /\p{sc=Cyrillic}/gu)],
    ['ar', count(sample, /\p{sc=Arabic}/gu)],
  ];
  const latin = count(sample, /\p{sc=Latin}/gu);
  const [best] = Object.entries(SMALL_WORDS)
    .map(([tag, words]): [string, number] => [tag, count(sample, words)])
    .sort((a, b) => b[1] - a[1]);
  const spoken = scripts.filter(([, signs]) => signs / letters > 0.1);
  if (best !== undefined && best[1] >= 3 && latin / letters > 0.3) spoken.push([best[0], latin]);
  return spoken.sort((a, b) => b[1] - a[1]).map(([tag]) => tag);
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
