/** Node's encoding-specific slices: present at run time, missing from the published types, and faster than toString. */
interface Buffer {
  utf8Slice(start?: number, end?: number): string;
  latin1Slice(start?: number, end?: number): string;
  utf8Write(text: string, offset?: number, length?: number): number;
  latin1Write(text: string, offset?: number, length?: number): number;
}
