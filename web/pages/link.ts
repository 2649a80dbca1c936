/** The secret of a one-time link: behind the # (`#link=…`), or for mail programs that drop it, in the query (`?link=…`). */
export function linkSecret(location: { hash: string; search: string }): string | null {
  for (const part of [location.hash.replace(/^#/, ''), location.search]) {
    const secret = new URLSearchParams(part).get('link');
    if (secret !== null && secret !== '') return secret;
  }
  return null;
}
