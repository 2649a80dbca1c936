/** Files in one ZIP archive (APPNOTE 6.3.3, no encryption, no ZIP64): what an evidence pack needs and no more. Pure. */
import { crc32, deflateRawSync } from 'node:zlib';

export type Entry = { name: string; content: Buffer };

const UTF8_NAMES = 0x0800;
const DEFLATED = 8;
const VERSION = 20;

/** An entry whose content is compressed (raw DEFLATE). */
export type Packed = { name: string; packed: Buffer; crc: number; size: number };

/** @param at epoch ms: when the files are said to have been made */
export function zip(entries: readonly Entry[], at: number): Buffer {
  return archive(
    entries.map(({ name, content }) => packed(name, content, deflateRawSync(content))),
    at,
  );
}

export function packed(name: string, content: Buffer, deflated: Buffer): Packed {
  return { name, packed: deflated, crc: crc32(content), size: content.length };
}

export function archive(entries: readonly Packed[], at: number): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, packed, crc, size } of entries) {
    const path = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(VERSION, 0);
    common.writeUInt16LE(UTF8_NAMES, 2);
    common.writeUInt16LE(DEFLATED, 4);
    common.writeUInt32LE(dosTime(at), 6);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([signature(0x04034b50), common, path, packed]);
    // Version made by; comment, disk, attributes: none; where the entry begins.
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([signature(0x02014b50), uint16(VERSION), common, tail, path]));
    parts.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, directory, signature(0x06054b50), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

/** Two seconds fine, since 1980, in UTC. */
function dosTime(at: number): number {
  const date = new Date(at);
  const day = ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return ((day << 16) | time) >>> 0;
}
