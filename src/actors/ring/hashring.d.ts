declare module 'hashring' {
  /** Ketama ring over md5; points follow from the names of its members, so they are the same on every start. */
  export default class HashRing {
    constructor(members: readonly string[], algorithm?: string, options?: { 'vnode count'?: number });
    /** Ascending; each point takes the hashes (32 bits) from the one before it, exclusive, up to its own. */
    readonly ring: readonly { readonly value: number; readonly server: string }[];
    /** Where a key lies among the points. */
    hashValue(key: string): number;
    range(key: string, size: number, unique?: boolean): string[];
  }
}
