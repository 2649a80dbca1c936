/**
 * DER, the form in which certificates are written (ITU-T X.690): a tree of tag, length and content. Node reads certificates, but gives no access to the
 * extensions that make one a mark certificate; this reads just enough to find them. Pure, and never throws.
 */

export type DerNode = { tag: number; content: Buffer };

export const TAG = { objectId: 0x06, octetString: 0x04, ia5String: 0x16, sequence: 0x30, version3: 0xa3 } as const;

/** The nodes that stand one after the other in these bytes; null when they do not fill them exactly. */
export function readDer(bytes: Buffer): DerNode[] | null {
  const nodes: DerNode[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1];
    let begin = at + 2;
    // Tags of several bytes and lengths without end are not DER as certificates use it.
    if (length === undefined || (tag & 0x1f) === 0x1f) return null;
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size === 0 || size > 4 || begin + size > bytes.length) return null;
      length = bytes.readUIntBE(begin, size);
      begin += size;
    }
    if (begin + length > bytes.length) return null;
    nodes.push({ tag, content: bytes.subarray(begin, begin + length) });
    at = begin + length;
  }
  return nodes;
}

/** `1.3.6.1.5.5.7.1.12` */
export function readObjectId(content: Buffer): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (arcs.length === 0)
      arcs.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else arcs.push(value);
    value = 0;
  }
  return arcs.join('.');
}

/** The value of a certificate's extension, or null. @param certificate DER */
export function extensionOf(certificate: Buffer, id: string): Buffer | null {
  const body = childrenOf(childrenOf(readDer(certificate)?.[0])[0]);
  const extensions = childrenOf(childrenOf(body.find(({ tag }) => tag === TAG.version3))[0]);
  for (const extension of extensions) {
    const parts = childrenOf(extension);
    const value = parts.at(-1);
    if (parts[0]?.tag !== TAG.objectId || value?.tag !== TAG.octetString) continue;
    if (readObjectId(parts[0].content) === id) return value.content;
  }
  return null;
}

/** Every node of a tree that has this tag, outermost first; a tree deeper than a certificate ever is ends there. */
export function findTag(bytes: Buffer, tag: number, depth = 16): DerNode[] {
  const nodes = readDer(bytes) ?? [];
  return nodes.flatMap((node) => [
    ...(node.tag === tag ? [node] : []),
    ...((node.tag & 0x20) !== 0 && depth > 0 ? findTag(node.content, tag, depth - 1) : []),
  ]);
}

function childrenOf(node: DerNode | undefined): DerNode[] {
  return node !== undefined && (node.tag & 0x20) !== 0 ? (readDer(node.content) ?? []) : [];
}
