/** A header field may run over several lines (folding, RFC 5322 §2.2.3): a search must show whole fields. */
export function headerFields(text: string): string[] {
  return text
    .replace(/\r\n?/g, '\n')
    .split(/\n(?![ \t])/)
    .filter((field) => field.trim() !== '');
}
