/**
 * Clusters of similar lines, found online: P. He, J. Zhu, Z. Zheng, M. R. Lyu, "Drain: An Online Log Parsing Approach
 * with Fixed Depth Tree", ICWS 2017. A line descends by its structure (in place of Drain's length) and its first words to
 * a leaf, and joins the cluster there that is most similar, or begins one.
 */
import { getOrCreate } from '../../wire/get-or-create.js';
import { Cluster, COUNT_BYTES } from './cluster.js';
import { type LineTokens, mix } from './tokens.js';

/** Words of a line that lead to its leaf. */
const DEPTH = 4;
/** Distinct words a node tells apart; later ones share a child. */
const CHILDREN_MAX = 15;
/** Loki's 0.3 is of all words and the punctuation between them; this is of telling words only. */
const SIMILARITY_MIN = 0.5;
/** Kinships of lines that are remembered with their cluster, as multiples of the clusters. */
const KIN_FACTOR = 4;
/** Estimate of what an entry of a map costs. */
const ENTRY_BYTES = 32;
/** Clusters of a leaf: each is compared with, so that a line costs no more than so many comparisons. */
const LEAF_CLUSTERS_MAX = 20;

/** Words of nodes that are remembered, as a multiple of the clusters. */
const NODES_FACTOR = 8;

/** Stands for any word. */
const ANY = 0x102;

export class Drain {
  readonly #clusters = new Set<Cluster>();
  /** Clusters by the hash of the way to them: the tree itself is in no need of nodes. */
  readonly #leaves = new Map<number, Cluster[]>();
  /** Ways that begin at the root, and how many words go on from there. */
  readonly #nodes = new Map<number, number>();
  /** Where the last line of a kinship went: most lines need no more than to look there. */
  readonly #kin = new Map<number, Cluster>();
  readonly #clustersMax: number;
  #lines = 0;
  #memoryBytes = 0;
  created = 0;
  evicted = 0;

  constructor(clustersMax: number) {
    this.#clustersMax = clustersMax;
  }

  /** Estimate. */
  get memoryBytes(): number {
    return this.#memoryBytes + (this.#kin.size + this.#nodes.size) * ENTRY_BYTES;
  }

  get size(): number {
    return this.#clusters.size;
  }

  clusters(): IterableIterator<Cluster> {
    return this.#clusters.values();
  }

  /** Counts `weight` lines like this one in an interval. */
  add(tokens: LineTokens, interval: number, weight: number): void {
    const cluster = this.#kinOf(tokens) ?? this.#find(tokens);
    cluster.lastLine = ++this.#lines;
    if (cluster.samples.add(interval, weight)) this.#memoryBytes += COUNT_BYTES;
  }

  /** Forgets counts before an interval, and clusters without any left. */
  forgetBefore(interval: number): void {
    for (const cluster of [...this.#clusters]) {
      this.#memoryBytes -= COUNT_BYTES * cluster.samples.forgetBefore(interval);
      if (cluster.samples.size === 0) this.#remove(cluster);
    }
    this.#kin.clear();
    this.#nodes.clear();
  }

  #kinOf(tokens: LineTokens): Cluster | undefined {
    const cluster = this.#kin.get(tokens.kinship);
    if (cluster === undefined || cluster.isEvicted) return undefined;
    cluster.absorbKin(tokens);
    return cluster;
  }

  #find(tokens: LineTokens): Cluster {
    const leaf = this.#descend(tokens);
    const similar = mostSimilar(this.#leaves.get(leaf) ?? [], tokens);
    similar?.absorb(tokens);
    const cluster = similar ?? this.#create(leaf, tokens);
    if (this.#kin.size >= KIN_FACTOR * this.#clustersMax) this.#kin.clear();
    this.#kin.set(tokens.kinship, cluster);
    return cluster;
  }

  #descend({ structure, words, hash, numeric }: LineTokens): number {
    // Forgotten ways are found again; a word that was one too many may then have one of its own.
    if (this.#nodes.size >= NODES_FACTOR * this.#clustersMax) this.#nodes.clear();
    const depth = Math.min(words, DEPTH);
    let way = structure;
    for (let word = 0; word < depth; word++) way = this.#step(way, numeric[word] === 0 ? hash[word]! : ANY);
    return way;
  }

  #step(way: number, word: number): number {
    const next = mix(way, word);
    if (this.#nodes.has(next)) return next;
    const children = this.#nodes.get(way) ?? 0;
    if (children >= CHILDREN_MAX) return mix(way, ANY);
    this.#nodes.set(way, children + 1);
    this.#nodes.set(next, 0);
    return next;
  }

  #create(leaf: number, tokens: LineTokens): Cluster {
    const clusters = getOrCreate(this.#leaves, leaf, () => []);
    if (this.#clusters.size >= this.#clustersMax) this.#evict(this.#clusters);
    else if (clusters.length >= LEAF_CLUSTERS_MAX) this.#evict(clusters);
    const cluster = new Cluster(tokens, leaf);
    // Eviction may have emptied the leaf.
    this.#leaves.set(leaf, clusters);
    clusters.push(cluster);
    this.#clusters.add(cluster);
    this.#memoryBytes += cluster.memoryBytes;
    this.created++;
    return cluster;
  }

  #evict(candidates: Iterable<Cluster>): void {
    let oldest: Cluster | null = null;
    for (const cluster of candidates) if (oldest === null || cluster.lastLine < oldest.lastLine) oldest = cluster;
    if (oldest === null) return;
    this.#memoryBytes -= COUNT_BYTES * oldest.samples.size;
    this.#remove(oldest);
    this.evicted++;
  }

  #remove(cluster: Cluster): void {
    const leaf = this.#leaves.get(cluster.leaf)!;
    leaf.splice(leaf.indexOf(cluster), 1);
    if (leaf.length === 0) this.#leaves.delete(cluster.leaf);
    this.#clusters.delete(cluster);
    this.#memoryBytes -= cluster.memoryBytes;
    cluster.isEvicted = true;
  }
}

function mostSimilar(clusters: readonly Cluster[], tokens: LineTokens): Cluster | null {
  let best: Cluster | null = null;
  let most = SIMILARITY_MIN;
  for (const cluster of clusters) {
    const similarity = cluster.similarity(tokens);
    if (similarity < most || (similarity === most && best !== null)) continue;
    best = cluster;
    most = similarity;
  }
  return best;
}
