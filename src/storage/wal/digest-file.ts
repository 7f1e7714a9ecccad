/**
 * What somebody made of a closed segment, in a file beside it, so that a start need not read the segment:
 *
 *   magic u32 "SKD1" | crc of the segment's name and of the bytes u32 | bytes
 *
 * One that is missing costs time and nothing else. So it is never synced for, and one that is not whole is none.
 */
import { crc32 } from 'node:zlib';
import type { Disk } from '../disk.js';
import { isSegment } from './segment.js';

const MAGIC = 0x31444b53; // "SKD1" read as u32
const HEADER_BYTES = 8;
const DIGEST = '.digest';
const DRAFT = '.digest.draft';

export function digestName(segment: string): string {
  return `${segment}${DIGEST}`;
}

/** What it is called until it is whole, and it is certain that its segment is still there. */
export function draftName(segment: string): string {
  return `${segment}${DRAFT}`;
}

/** Whether the file is a digest of one of the segments. */
export function isDigestOf(segments: ReadonlySet<string>, name: string): boolean {
  return name.endsWith(DIGEST) && segments.has(name.slice(0, -DIGEST.length));
}

/** Whether the file is a digest, or was to become one. */
export function isDigest(name: string): boolean {
  return [DIGEST, DRAFT].some((ending) => name.endsWith(ending) && isSegment(name.slice(0, -ending.length)));
}

export async function writeDraft(disk: Disk, segment: string, bytes: Uint8Array): Promise<void> {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(checksum(segment, bytes), 4);
  const file = await disk.create(draftName(segment));
  try {
    await file.write([header, bytes], 0);
  } finally {
    await file.close();
  }
}

/** Null when there is none that can be used. */
export async function readDigest(disk: Disk, segment: string): Promise<Uint8Array | null> {
  const file = await disk.read(digestName(segment)).catch(() => null);
  if (file === null || file.length < HEADER_BYTES || file.readUInt32LE(0) !== MAGIC) return null;
  const bytes = file.subarray(HEADER_BYTES);
  return file.readUInt32LE(4) === checksum(segment, bytes) ? bytes : null;
}

/** Of another segment it is none, whatever the file is called. */
function checksum(segment: string, bytes: Uint8Array): number {
  return crc32(bytes, crc32(segment));
}
