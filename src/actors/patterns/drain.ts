/**
 * Clusters of similar lines, found online: P. He, J. Zhu, Z. Zheng, M. R. Lyu, "Drain: An Online Log Parsing Approach
 * with Fixed Depth Tree", ICWS 2017. A line descends by its structure (in place of Drain's length) and its first words to
 * a leaf, and joins the cluster there that is most similar, or begins one.
 */
import { getOrCreate } from '../../wire/get-or-create.js';
import { Cluster, COUNT_BYTES } from './cluster.js';
import type { LineTokens } from './tokens.js';

/** Words of a line that lead to its leaf. */
const DEPTH = 4;
/** Distinct words a node tells apart; later ones share a child. */
const CHILDREN_MAX = 15;
/** Loki's 0.3 is of all words and the punctuation between them; this is of telling words only. */
const SIMILARITY_MIN = 0.5;
/** Clusters of a leaf: each is compared with, so that a line costs no more than so many comparisons. */
const LEAF_CLUSTERS_MAX = 20;

/** Stands for any word; hashes are int32. */
const ANY = 2 ** 32;

interface Node {
  readonly parent: Node | null;
  readonly key: number;
  readonly children: Map<number, Node>;
  readonly clusters: Cluster[];
}

const newNode = (parent: Node | null, key: number): Node => ({ parent, key, children: new Map(), clusters: [] });

export class Drain {
  /** Children of the root are structures. */
  readonly #root = newNode(null, 0);
  readonly #leaves = new Map<Cluster, Node>();
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
    return this.#memoryBytes;
  }

  get size(): number {
    return this.#leaves.size;
  }

  clusters(): IterableIterator<Cluster> {
    return this.#leaves.keys();
  }

  /** Counts `weight` lines like this one in an interval. */
  add(tokens: LineTokens, interval: number, weight: number): void {
    const leaf = this.#descend(tokens);
    let cluster = mostSimilar(leaf.clusters, tokens);
    if (cluster === null) cluster = this.#create(leaf, tokens);
    else cluster.absorb(tokens);
    cluster.lastLine = ++this.#lines;
    if (cluster.samples.add(interval, weight)) this.#memoryBytes += COUNT_BYTES;
  }

  /** Forgets counts before an interval, and clusters without any left. */
  forgetBefore(interval: number): void {
    for (const cluster of [...this.#leaves.keys()]) {
      this.#memoryBytes -= COUNT_BYTES * cluster.samples.forgetBefore(interval);
      if (cluster.samples.intervals.length === 0) this.#remove(cluster);
    }
  }

  #descend({ structure, words, hash, numeric }: LineTokens): Node {
    let node = getOrCreate(this.#root.children, structure, () => newNode(this.#root, structure));
    const depth = Math.min(words, DEPTH);
    for (let word = 0; word < depth; word++) node = childFor(node, numeric[word] === 0 ? hash[word]! : ANY);
    return node;
  }

  #create(leaf: Node, tokens: LineTokens): Cluster {
    if (this.#leaves.size >= this.#clustersMax) this.#evict(this.#leaves.keys());
    else if (leaf.clusters.length >= LEAF_CLUSTERS_MAX) this.#evict(leaf.clusters);
    const cluster = new Cluster(tokens);
    this.#attach(leaf);
    leaf.clusters.push(cluster);
    this.#leaves.set(cluster, leaf);
    this.#memoryBytes += cluster.memoryBytes;
    this.created++;
    return cluster;
  }

  /** The way to a leaf may have been cut when its last cluster was evicted. */
  #attach(leaf: Node): void {
    for (let node = leaf; node.parent !== null; node = node.parent) node.parent.children.set(node.key, node);
  }

  #evict(candidates: Iterable<Cluster>): void {
    let oldest: Cluster | null = null;
    for (const cluster of candidates) if (oldest === null || cluster.lastLine < oldest.lastLine) oldest = cluster;
    if (oldest === null) return;
    this.#memoryBytes -= COUNT_BYTES * oldest.samples.intervals.length;
    this.#remove(oldest);
    this.evicted++;
  }

  #remove(cluster: Cluster): void {
    let node = this.#leaves.get(cluster)!;
    this.#leaves.delete(cluster);
    this.#memoryBytes -= cluster.memoryBytes;
    node.clusters.splice(node.clusters.indexOf(cluster), 1);
    while (node.parent !== null && node.clusters.length === 0 && node.children.size === 0) {
      node.parent.children.delete(node.key);
      node = node.parent;
    }
  }
}

function childFor(node: Node, word: number): Node {
  const known = node.children.get(word);
  if (known !== undefined) return known;
  const key = node.children.size < CHILDREN_MAX ? word : ANY;
  return getOrCreate(node.children, key, () => newNode(node, key));
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
