// A resident as carried, as the rules read him. Nothing here is drawn or kept.
import { assess, personOf, valuesOf } from "./assess.js";

// Programmes of a resident by the version he is managed by; those whose definition has not come yet are left out.
export function programmesOf(resident, known) {
  return resident.programmes
    .map((each) => known.programmes[each.version])
    .filter(Boolean)
    .sort((a, b) => a.order - b.order);
}

// Earlier visits as one programme's rules read them.
export function pastOf(resident, slug, items) {
  return resident.visits
    .filter((visit) => slug in visit.results)
    .map((visit) => ({
      on: visit.on, answers: valuesOf(visit.answers, items), grade: visit.results[slug][0], controlled: visit.results[slug][1],
    }));
}

// What any visit measured, and what the laboratory and others did since, as rules read it; of one day a visit stands before the others.
export const measuredOf = (resident, items) =>
  [...resident.visits, ...(resident.elsewhere ?? [])].map(({ on, answers }) => ({ on, answers: valuesOf(answers, items) }));

// What answers come to in every programme, and the findings of all, each once, the worst first.
export function outcomesOf(resident, known, answers, on, kind) {
  const given = { ...answers };
  const elsewhere = measuredOf(resident, known.items);
  const programmes = programmesOf(resident, known);
  const outcomes = new Map();
  for (const programme of [...programmes].sort((a, b) => b.provides.length - a.provides.length)) {
    const past = pastOf(resident, programme.slug, known.items);
    const outcome = assess(programme, known.items, personOf(resident, on), given, past, on, kind, elsewhere);
    outcomes.set(programme, outcome);
    for (const code of programme.provides) given[code] = outcome.grade || null;
  }
  const found = programmes.map((programme) => ({ programme, outcome: outcomes.get(programme) }));
  const alerts = new Map(found.flatMap(({ outcome }) => outcome.alerts.map((alert) => [alert.code, alert])));
  const order = ["emergency", "refer", "adjust", "note"];
  return { found, alerts: [...alerts.values()].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level)) };
}
