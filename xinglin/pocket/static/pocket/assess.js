// What a visit comes to, computed on the telephone: the same as xinglin/programmes/rules/assessing.py. A test compares the two.
import { deciding, isNothing, number, truth } from "./conditions.js";
import { compute, inputs } from "./deriving.js";

const OF_PERSON = ["age", "sex", "is_pregnant", "diagnoses"];
const LEVELS = { emergency: 0, refer: 1, adjust: 2, note: 3 };
const DAY = 86400000;

export const addDays = (day, days) => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY);

// What rules need of a resident on a day: known to be expecting in one of the spans carried, else not known.
export const personOf = (resident, on) => ({
  sex: resident.sex, born_on: resident.born_on, diagnoses: resident.diagnoses,
  is_pregnant: (resident.pregnant ?? []).some(([first, end]) => first <= on && on < end) || null,
});

// Facts about a person {sex, born_on, is_pregnant, diagnoses} on a day.
export function about(person, on) {
  const years = Number(on.slice(0, 4)) - Number(person.born_on.slice(0, 4)) - (on.slice(5) < person.born_on.slice(5) ? 1 : 0);
  return {
    age: years >= 0 ? years : null,
    sex: person.sex || null,
    is_pregnant: person.sex === "1" ? false : (person.is_pregnant ?? null),
    diagnoses: person.diagnoses,
  };
}

// Why a value cannot be: a code for words (number, range, option, none, text, date, future); "" when it can.
export function refusal(item, value, on) {
  if (isNothing(value)) return "";
  const known = (code) => item.options.some((option) => option.code === code);
  switch (item.kind) {
    case "number": {
      const found = number(value);
      if (found === null) return "number";
      return (item.low !== null && found < item.low) || (item.high !== null && found > item.high) ? "range" : "";
    }
    case "choice":
      return known(value) ? "" : "option";
    case "choices":
      if (!Array.isArray(value) || !value.every(known)) return "option";
      return value.includes("none") && new Set(value).size > 1 ? "none" : "";
    case "yes-no":
      return typeof value === "boolean" ? "" : "option";
    case "text":
      return typeof value === "string" && value.length <= 2000 && !value.includes("\0") ? "" : "text";
    default:
      if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d$/.test(value)) return "date";
      return on && value > on ? "future" : "";
  }
}

// A value as rules read it, from what a form or a record holds; null when it cannot be read.
export function valueOf(item, raw) {
  if (isNothing(raw)) return null;
  if (item.kind === "number") {
    if (typeof raw === "boolean") return null;
    const found = Number(String(raw).trim());
    return String(raw).trim() !== "" && Number.isFinite(found) ? found : null;
  }
  if (item.kind === "yes-no") return { true: true, false: false, yes: true, no: false }[String(raw)] ?? null;
  if (item.kind === "choices") return Array.isArray(raw) ? raw : [raw];
  return raw;
}

export function valuesOf(answers, items) {
  const found = {};
  for (const [code, raw] of Object.entries(answers)) {
    const value = items[code] ? valueOf(items[code], raw) : null;
    if (value !== null) found[code] = value;
  }
  return found;
}

function taken(answers, items, on) {
  const [good, refused] = [{}, {}];
  for (const [code, value] of Object.entries(answers)) {
    if (!items[code] || isNothing(value)) continue;
    const reason = refusal(items[code], value, on);
    if (reason) refused[code] = reason;
    else good[code] = value;
  }
  return [good, refused];
}

function completed(programme, facts, items) {
  for (const code of programme.computed) {
    if ((facts[code] ?? null) === null) facts[code] = compute(items[code], facts, items);
  }
  return facts;
}

export function inputsOf(codes, items) {
  const found = new Set();
  const walk = (code, above) => {
    const item = items[code];
    if (!item || above.includes(code)) return;
    if (!item.formula) found.add(code);
    else for (const each of inputs(item.formula)) walk(each, [...above, code]);
  };
  for (const code of codes) walk(code, []);
  return [...found];
}

function gradeOf(programme, facts) {
  let found = "";
  for (const grade of programme.grades) {
    const holds = truth(grade.when, facts);
    if (holds === null) return "";
    if (holds && !found) found = grade.slug;
  }
  return found;
}

function reached(rules, facts) {
  for (const [who, met] of rules) {
    const isAbout = truth(who, facts);
    if (isAbout === null) return null;
    if (isAbout) return truth(met, facts);
  }
  return null;
}

function inARow(rows, wanted) {
  const answers = rows.filter((each) => each !== null);
  let n = 0;
  while (n < answers.length && answers[answers.length - 1 - n] === wanted) n += 1;
  return n;
}

// Whether a value measured on a day still counts on another.
const stands = (item, measuredOn, on) => item.valid_days !== null && daysBetween(measuredOn, on) < item.valid_days;

// Values with an interval of their own that were not measured at this visit and still count: of each the newest.
function standingOf(given, past, on, items) {
  const found = {};
  for (const item of Object.values(items)) {
    if (item.valid_days === null || item.code in given) continue;
    let newest = null;
    for (const each of past) {
      if (each.on <= on && !isNothing(each.answers[item.code]) && (newest === null || each.on > newest.on)) newest = each;
    }
    if (newest && stands(item, newest.on, on) && !refusal(item, newest.answers[item.code])) found[item.code] = newest.answers[item.code];
  }
  return found;
}

// The clinical target that is about a person: the items it rests on, its words, and what is known of them; null when it is not to be
// told, or rests on more than was measured. The same as xinglin/programmes/rules/plain.py.
export function aim(programme, items, person, answers, on) {
  const [given] = taken(answers, items, on);
  const facts = completed(programme, { ...given, ...about(person, on) }, items);
  const rules = programme.clinical.length ? programme.clinical : programme.reporting;
  const rule = rules.find(([who]) => truth(who, facts) !== false);
  const fields = rule && truth(rule[0], facts) ? [...new Set(fieldsOf(rule[1]))] : [];
  return fields.length && !fields.some((field) => OF_PERSON.includes(field)) ? { fields, text: rule[2], facts } : null;
}

function fieldsOf(condition) {
  for (const kind of ["bounds", "choice", "words"]) if (kind in condition) return [condition[kind]];
  if ("times" in condition) return fieldsOf(condition.atom);
  if ("none" in condition) return fieldsOf(condition.none);
  return (condition.of ?? []).flatMap(fieldsOf);
}

// Items with an interval of their own that the reporting threshold rests on.
function restingOf(programme, items) {
  const fields = programme.reporting.flat().flatMap(fieldsOf);
  return inputsOf(fields, items).filter((code) => items[code].valid_days !== null);
}

// Whether an earlier visit was controlled; null when it only repeated what an earlier measurement had told.
function toldAnew(programme, items, person, past, resting) {
  const controlled = past.controlled ?? null;
  const codes = Object.keys(past.answers);
  if (controlled === null || !resting.length || !codes.length || resting.some((code) => codes.includes(code))) return controlled;
  const [given] = taken(past.answers, items, past.on);
  const told = reached(programme.reporting, completed(programme, { ...given, ...about(person, past.on) }, items));
  return told === null ? null : controlled;
}

function open(programme, facts) {
  const found = programme.grades.map((grade) => grade.when);
  for (const rules of [programme.reporting, programme.clinical]) {
    const first = rules.find(([who]) => truth(who, facts) !== false);
    if (first) found.push(first[1]);
  }
  return found.filter((condition) => truth(condition, facts) === null);
}

function missingOf(programme, kind, facts, given, items) {
  const needed = new Set();
  for (const use of programme.items[kind] ?? []) {
    const isAsked = use.when === null || truth(use.when, facts) !== false;
    if (use.required && (facts[use.code] ?? null) === null && isAsked) inputsOf([use.code], items).forEach((code) => needed.add(code));
  }
  for (const condition of open(programme, facts)) {
    const fields = deciding(condition, facts).filter((field) => (facts[field] ?? null) === null && !OF_PERSON.includes(field));
    inputsOf(fields, items).forEach((code) => needed.add(code));
  }
  return [...needed].filter((code) => !(code in given));
}

export function dueDate(programme, grade, last, controlled, row) {
  const plan = programme.plan;
  let days = plan.intervals[grade] ?? plan.unassessed_days;
  if (controlled === false || row > 0) days = Math.min(days, plan.not_controlled_days);
  return addDays(last, days);
}

// `past`: [{on, answers, controlled, grade}] in any order; what lies on or after `on` is left out. `elsewhere`: what was measured
// outside the programme, up to `on`.
export function assess(programme, items, person, answers, past, on, kind = "routine", elsewhere = []) {
  const [given, refused] = taken(answers, items, on);
  const before = past.filter((each) => each.on < on).sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
  const standing = standingOf(given, [...before, ...elsewhere], on, items);
  const anew = completed(programme, { ...given, ...about(person, on) }, items);
  const facts = completed(programme, { ...standing, ...given, ...about(person, on) }, items);
  const resting = new Set(Object.keys(facts).filter((code) => (anew[code] ?? null) !== (facts[code] ?? null) && !OF_PERSON.includes(code)));
  const grade = gradeOf(programme, facts);
  const controlled = reached(programme.reporting, facts);
  const onTarget = reached(programme.clinical, facts);
  const rests = restingOf(programme, items);
  const rows = before.map((each) => toldAnew(programme, items, person, each, rests));
  rows.push(rests.some((code) => code in standing) ? reached(programme.reporting, anew) : controlled);
  const row = inARow(rows, false), measured = (controlled ?? null) !== null; // what counts in a row is asked only of a visit that measured
  Object.assign(facts, {
    grade: grade || null, controlled, on_target: onTarget, not_controlled_in_a_row: measured ? row : null,
    controlled_in_a_row: measured ? inARow(rows, true) : null, is_first_visit: before.length === 0,
  });
  const earlier = before.map((each) => [daysBetween(each.on, on), each.answers]);
  const holding = (rules) => rules.filter((each) => truth(each.when, facts, earlier) === true);
  const isTold = (each) => {
    const fields = deciding(each.when, facts, earlier).filter((field) => !OF_PERSON.includes(field));
    return fields.length > 0 && fields.every((field) => resting.has(field));
  };
  const alerts = holding(programme.alerts).filter((each) => !isTold(each)).sort((a, b) => LEVELS[a.level] - LEVELS[b.level]);
  // Only what was measured refutes a finding: see _refuted in assessing.py.
  const isRefuted = (each) => {
    if (LEVELS[each.level] > LEVELS.refer || truth(each.when, facts, earlier) !== false) return false;
    const fields = deciding(each.when, facts, earlier).filter((field) => !OF_PERSON.includes(field) && field !== "is_first_visit");
    return fields.length > 0 && fields.every((field) => (facts[field] ?? null) !== null);
  };
  const lacking = missingOf(programme, kind, facts, given, items);
  const testsDue = kind === "yearly" ? [] : lacking.filter((code) => items[code].valid_days !== null);
  const missing = lacking.filter((code) => !testsDue.includes(code));
  const within = alerts.filter((each) => each.follow_within_days !== null).map((each) => addDays(on, each.follow_within_days));
  return {
    grade, controlled, on_target: onTarget, alerts, advice: holding(programme.advice), education: holding(programme.education),
    next_due: [dueDate(programme, grade, on, controlled, row), ...within].sort()[0], missing, tests_due: testsDue, refused,
    complete: missing.length === 0 && Object.keys(refused).length === 0, in_a_row: row,
    may_move: holding(programme.movements).map((each) => each.code),
    refuted: programme.alerts.filter(isRefuted).map((each) => each.code),
    computed: Object.fromEntries(programme.computed.filter((code) => facts[code] !== null).map((code) => [code, facts[code]])),
  };
}

// Of the findings of earlier visits those that a visit leaves open: it neither refuted nor found them again, and nobody has written down
// what was done instead of a referral. The same as xinglin/programmes/standing.py. `found`: [{programme, outcome}].
export function standing(alerts, found) {
  const outcomes = new Map(found.map(({ programme, outcome }) => [programme.slug, outcome]));
  return alerts.filter(({ code, programme, stays }) => {
    const outcome = outcomes.get(programme);
    return !outcome || (stays && !outcome.refuted.includes(code) && !outcome.alerts.some((each) => each.code === code));
  });
}

// The items of one form for all programmes: each once, with the programmes that ask it and what is carried forward. `stands`: the
// value counts by itself and is not typed again.
export function jointItems(programmes, items, kind, person, past, on) {
  const facts = about(person, on);
  const wanted = new Map();
  const provided = programmes.flatMap((programme) => programme.provides);
  for (const programme of programmes) {
    for (const use of programme.items[kind] ?? []) {
      if (provided.includes(use.code) || (use.when !== null && truth(use.when, facts) === false)) continue;
      const asked = wanted.get(use.code) ?? { programmes: [], required: false, listed: new Set() };
      (use.options?.length ? use.options : items[use.code]?.options.map((each) => each.code) ?? []).forEach((each) => asked.listed.add(each));
      if (!asked.programmes.includes(programme.slug)) asked.programmes.push(programme.slug);
      asked.required ||= use.required;
      wanted.set(use.code, asked);
    }
  }
  const newestFirst = past.filter((each) => each.on <= on).sort((a, b) => (a.on < b.on ? 1 : a.on > b.on ? -1 : 0));
  return [...wanted]
    .filter(([code]) => items[code] && !items[code].formula)
    .map(([code, { listed, ...asked }]) => {
      const item = { ...items[code], options: items[code].options.filter((each) => listed.has(each.code)) };
      const last = item.carries_forward || item.valid_days !== null
        ? newestFirst.find((each) => !isNothing(each.answers[code]) && !refusal(item, each.answers[code]))
        : undefined;
      if (item.valid_days !== null) {
        const isStanding = last !== undefined && stands(item, last.on, on);
        return {
          item, ...asked, required: !isStanding && asked.required && kind !== "routine", stands: isStanding,
          value: isStanding ? last.answers[code] : null, value_on: isStanding ? last.on : null,
        };
      }
      return { item, ...asked, stands: false, value: last ? last.answers[code] : null, value_on: last ? last.on : null };
    });
}
