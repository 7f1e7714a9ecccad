/** How news of a member changes what is known of it. */
import { type MemberRecord, supersedes } from '../../wire/membership.js';
import { isUp, type MemberEntry, type MembershipEffect, type MembershipState } from './state.js';

/** Takes news in; whatever is new is passed on. */
export function mergeRecord(
  state: MembershipState,
  record: MemberRecord,
  now: number,
  effects: MembershipEffect[],
): void {
  if (record.name === state.self) return refute(state, record, now, effects);
  const known = state.members.get(record.name);
  if (!known) {
    if (record.status === 'dead' || record.status === 'left') return; // nothing to bury, see lost-holders.ts
    if (state.members.size >= state.settings.membersMax) {
      state.refused++;
      return;
    }
  } else if (!supersedes(record, known.record)) {
    return confirm(state, known, record, now);
  }
  accept(state, record, now, effects);
}

/** Puts a record in place of an older one and spreads it. */
export function accept(state: MembershipState, record: MemberRecord, now: number, effects: MembershipEffect[]): void {
  const entry: MemberEntry = { record, since: now, heardAt: state.members.get(record.name)?.heardAt };
  if (record.status === 'suspect') {
    entry.suspicion = { by: new Set([record.suspectedBy ?? '']), deadline: now + suspicionMs(state, 1) };
  }
  state.members.set(record.name, entry);
  if (record.status === 'alive') state.ailing.delete(record.name);
  else state.ailing.add(record.name);
  state.broadcasts.add(record);
  effects.push({ kind: 'changed', record });
}

/**
 * Another member that suspects the same, or this one itself, shortens the time to refute (Lifeguard, Dadgar et al., 2017). Of
 * more than are needed nothing is passed on.
 */
export function confirm(state: MembershipState, known: MemberEntry, record: MemberRecord, now: number): void {
  const { suspicion } = known;
  if (!suspicion || record.status !== 'suspect' || record.incarnation !== known.record.incarnation) return;
  const by = record.suspectedBy ?? '';
  if (suspicion.by.has(by) || suspicion.by.size > confirmationsWanted(state)) return;
  suspicion.by.add(by);
  state.broadcasts.add(record);
  suspicion.deadline = Math.max(now, Math.min(suspicion.deadline, known.since + suspicionMs(state, suspicion.by.size)));
}

/** Whoever believes something else of this member than it says itself hears of a higher incarnation. */
function refute(state: MembershipState, record: MemberRecord, now: number, effects: MembershipEffect[]): void {
  const own = state.members.get(state.self)!.record;
  if (state.left || !supersedes(record, own)) return;
  accept(state, { ...own, incarnation: record.incarnation + 1 }, now, effects);
}

/** From the greatest time down to the least, by the logarithm of the number of members that confirm. */
function suspicionMs(state: MembershipState, suspecting: number): number {
  const { suspicionMultiplier, suspicionMaxMultiplier, probeIntervalMs } = state.settings;
  const min = suspicionMultiplier * Math.max(1, Math.log10(Math.max(1, upCount(state)))) * probeIntervalMs;
  const wanted = confirmationsWanted(state);
  // With too few others to confirm, nobody would ever shorten it.
  if (wanted < 1) return min;
  const share = Math.min(1, Math.log(suspecting) / Math.log(wanted + 1));
  return min * (suspicionMaxMultiplier - (suspicionMaxMultiplier - 1) * share);
}

function confirmationsWanted(state: MembershipState): number {
  return Math.min(state.settings.indirectChecks, upCount(state) - 2);
}

function upCount({ members }: MembershipState): number {
  let up = 0;
  for (const entry of members.values()) if (isUp(entry)) up++;
  return up;
}
