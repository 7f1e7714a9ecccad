import type { BatchCopy } from '../../wire/batch-copy.js';
import type { EntriesBatch } from '../../wire/entries.js';
import { unreachable } from '../../wire/exhaustive.js';
import { type Fault, type FaultCode, fault } from '../../wire/fault.js';

/** Streams of a push that have the same owner and the same other replicas: one batch, sent to each of them. */
export interface PushPart {
  readonly batch: EntriesBatch;
  /** In the order in which they become owners. */
  readonly replicas: readonly string[];
  /** The part's name where it is replicated. */
  readonly copy: BatchCopy | null;
  /** Durable copies it takes. */
  readonly quorum: number;
  /** Null: has it durably. */
  readonly answers: Map<string, Fault | null>;
  /** One of those who have it puts it into an object. */
  owned: boolean;
  /** Its owner has failed or is slow: a replica that has it may take its place. */
  ownerless: boolean;
  /** Who is asked to own it, until it answers. */
  promoting: string | null;
  /** Asked to own it, without success. */
  readonly passedOver: Set<string>;
  isDurable: boolean;
}

export function newPart(
  batch: EntriesBatch,
  replicas: readonly string[],
  copy: BatchCopy | null,
  quorum: number,
): PushPart {
  return {
    batch,
    replicas,
    copy,
    quorum,
    answers: new Map(),
    passedOver: new Set(),
    owned: false,
    ownerless: false,
    promoting: null,
    isDurable: false,
  };
}

/** What is to be done about a part. */
export type Verdict =
  | { readonly kind: 'wait' }
  /** A majority has it, and one of them owns it. */
  | { readonly kind: 'durable' }
  | { readonly kind: 'promote'; readonly to: string }
  | { readonly kind: 'failed'; readonly fault: Fault };

const WAIT: Verdict = { kind: 'wait' };
const DURABLE: Verdict = { kind: 'durable' };

/** A replica's first answer counts. */
export function answer(part: PushPart, from: string, why: Fault | null): Verdict {
  if (part.isDurable || part.answers.has(from) || !part.replicas.includes(from)) return WAIT;
  const isOwner = from === part.replicas[0];
  if (isOwner && why !== null && isAboutEntries(why.code)) return { kind: 'failed', fault: why };
  part.answers.set(from, why);
  if (isOwner) {
    part.owned ||= why === null;
    part.ownerless ||= why !== null;
  }
  return verdict(part);
}

/** The owner has had its time. */
export function ownerLate(part: PushPart): Verdict {
  if (part.isDurable || part.copy === null || part.owned) return WAIT;
  part.ownerless = true;
  return verdict(part);
}

/** What came of asking a replica to own the part. */
export function promoted(part: PushPart, from: string, why: Fault | null): Verdict {
  if (part.isDurable || part.promoting !== from) return WAIT;
  part.promoting = null;
  if (why === null) part.owned = true;
  else if (why.code === 'not-found') {
    part.answers.set(from, why); // had it, and has it no longer
    part.passedOver.add(from);
  } else if (isAboutEntries(why.code)) return { kind: 'failed', fault: why };
  else part.passedOver.add(from);
  return verdict(part);
}

function verdict(part: PushPart): Verdict {
  const { replicas, answers, quorum, copy } = part;
  let have = 0;
  let open = 0;
  for (const replica of replicas) {
    const why = answers.get(replica);
    if (why === null) have++;
    else if (why === undefined) open++;
  }
  if (have >= quorum && part.owned) {
    part.isDurable = true;
    return DURABLE;
  }
  if (have + open < quorum) return { kind: 'failed', fault: tooFew(part, have) };
  if (part.owned || !part.ownerless || part.promoting !== null || copy === null) return WAIT;
  const to = replicas.find((replica) => answers.get(replica) === null && !part.passedOver.has(replica));
  if (to !== undefined) {
    part.promoting = to;
    return { kind: 'promote', to };
  }
  // Whoever has not answered may still own it.
  return open > 0 ? WAIT : { kind: 'failed', fault: nobodyOwns(part) };
}

/** The only replica's own words; of several what each has said. */
function tooFew({ replicas, answers, quorum, copy }: PushPart, have: number): Fault {
  const failed = replicas.flatMap((name) => (answers.get(name) ? [{ name, why: answers.get(name)! }] : []));
  if (copy === null && failed[0]) return failed[0].why;
  const code = failed.every(({ why }) => why.code === 'storage-full') ? 'storage-full' : 'unavailable';
  const said = failed.map(({ name, why }) => `${name}: ${why.message}`).join('; ');
  return fault(code, `entries are with ${have} ingesters of at least ${quorum}; send them again (${said})`);
}

function nobodyOwns({ passedOver }: PushPart): Fault {
  const names = [...passedOver].join(', ');
  return fault(
    'unavailable',
    `the owner of the entries is lost and nobody has taken its place (${names}); send them again`,
  );
}

/** Whether a fault is about what was sent, so that no other ingester would take it either. */
function isAboutEntries(code: FaultCode): boolean {
  switch (code) {
    case 'bad-request':
    case 'unauthorized':
    case 'too-large':
    case 'empty':
    case 'limited':
      return true;
    case 'not-found':
    case 'cancelled':
    case 'internal':
    case 'unimplemented':
    case 'unavailable':
    case 'timeout':
    case 'storage-full':
      return false;
    default:
      return unreachable(code);
  }
}
