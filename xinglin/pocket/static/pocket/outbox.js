// What becomes of an entry of the outbox once it was sent: shown until the server's copy has it, then shortened, then forgotten.
const DAY = 86400000;
const KEPT = 7 * DAY; // what is recorded can be looked up here so long

// Whether the server's copy does not have it yet: not sent, or recorded a moment ago. What waits for review does not count as seen.
export function isAhead(entry, residents, now) {
  const held = residents.find((each) => each.uuid === entry.change.resident);
  if (!entry.seen || !held) return false;
  if (entry.state === "waiting") return true;
  const isThere = held.visits.some((visit) => visit.id === entry.change.client_id);
  return entry.state === "done" && entry.change.kind === "visit" && !isThere && now - Date.parse(entry.change.happened_at) < DAY;
}

// After a contact: ids of the entries to forget, and those that no longer need their copy of the resident.
export function tidied(entries, residents, now) {
  const carried = new Set(residents.map((each) => each.uuid));
  const isOver = (entry) => entry.state === "done" && (!carried.has(entry.change.resident) || now - (entry.at ?? Date.parse(entry.change.happened_at)) > KEPT);
  const shorter = entries.filter((entry) => entry.seen && !isOver(entry) && !isAhead(entry, residents, now)).map(({ seen, ...rest }) => rest);
  return { forgotten: entries.filter(isOver).map((entry) => entry.change.client_id), shorter };
}
