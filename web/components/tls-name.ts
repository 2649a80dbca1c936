/** `TLSv1.3` → `TLS 1.3` */
export function tlsName(version: string): string {
  return version.replace(/^TLSv/, 'TLS ');
}
