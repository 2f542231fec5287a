// Who is connected with whom: the coordinator's own connections, and those that sites report.

import type { MemberStatus } from '@starling/coordinator';
import type { Genesis, MemberId } from '@starling/shared';
import type { MeshView } from '../api-types.ts';

type Link = MeshView['links'][number];

/** Each link once, from the smaller id; two ends that both tell of it agree by the lower figure. */
export function viewMesh(
  { coordinator, name }: Pick<Genesis, 'coordinator' | 'name'>,
  members: readonly MemberStatus[],
): MeshView {
  const known = new Set([coordinator.member, ...members.map(({ member }) => member)]);
  const links = new Map<string, Link>();
  const add = (a: MemberId, b: MemberId, told: Pick<Link, 'mesh' | 'rttMs'>): void => {
    if (a === b || !known.has(b)) return;
    const [from, to] = a < b ? [a, b] : [b, a];
    const before = links.get(from + to);
    const measured = [before?.rttMs ?? null, told.rttMs].filter((ms) => ms !== null);
    const rttMs = measured.length === 0 ? null : Math.min(...measured);
    links.set(from + to, { from, mesh: told.mesh || before?.mesh === true, rttMs, to });
  };
  for (const { connected, member, report } of members) {
    // What a site said before it went away may have ended with it; its neighbours know.
    if (!connected) continue;
    add(coordinator.member, member, { mesh: false, rttMs: null });
    for (const peer of report?.peers ?? []) add(member, peer.member, peer);
  }
  return {
    links: [...links.values()],
    nodes: [
      { kind: 'coordinator', member: coordinator.member, site: name },
      ...members.map(({ member, site }) => ({ kind: 'site' as const, member, site })),
    ],
  };
}
