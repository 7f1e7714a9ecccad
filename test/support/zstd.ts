import { compress } from '../../src/storage/zstd.js';

export const zstd = (bytes: Uint8Array): Uint8Array => compress(bytes, 3);
