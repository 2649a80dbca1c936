/** Hands a chart to the reader as a file. The byte order mark makes Excel read a table as UTF-8. */
export function download(name: string, content: string | Blob, type = 'text/csv;charset=utf-8'): void {
  const blob =
    typeof content === 'string'
      ? new Blob([type.startsWith('text/csv') ? `\ufeff${content}` : content], { type })
      : content;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
