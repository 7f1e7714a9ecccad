/**
 * Members whose death may have taken something with it. One that is dead and not missed any more passes for one that never
 * was, so where more are dead at once than can be done without, all of them are remembered until some are back or whoever
 * runs the cluster has them forgotten, and newcomers are told of them.
 */
import type { MemberRecord } from '../../wire/membership.js';
import { accept } from './merge.js';
import type { MembershipEffect, MembershipState } from './state.js';

/** Whether none of the dead holders may be forgotten for now. */
export function isMissing({ members, ailing, settings }: MembershipState): boolean {
  let lost = 0;
  for (const name of ailing) if (isLost(members.get(name)!.record, settings.holderRole)) lost++;
  return lost > settings.lostHoldersMax;
}

export function isLost({ status, details }: MemberRecord, holderRole: string): boolean {
  return status === 'dead' && details.roles.includes(holderRole);
}

/** Takes dead holders in that are not known here, if they are too many together with those that are. */
export function takeInLost(
  state: MembershipState,
  records: readonly MemberRecord[],
  now: number,
  effects: MembershipEffect[],
): void {
  const { members, ailing, settings } = state;
  const lost = records.filter((record) => isLost(record, settings.holderRole) && !members.has(record.name));
  const known = [...ailing].filter((name) => isLost(members.get(name)!.record, settings.holderRole));
  if (lost.length + known.length <= settings.lostHoldersMax) return;
  for (const record of lost) if (members.size < settings.membersMax) accept(state, record, now, effects);
}
