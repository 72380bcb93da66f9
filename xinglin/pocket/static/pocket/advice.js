// What the resident takes home, drawn on the telephone: the same page as the server's PDF, for where there is no connection.
import { aim, personOf, valuesOf } from "./assess.js";
import { h } from "./drawing.js";
import { said } from "./form.js";
import { outcomesOf, programmesOf } from "./resident.js";
import { both, isEnglish, t } from "./words.js";

const MOST_POINTS = 6;
const MOST_SIGNS = 14;
const once = (several) => [...new Set(several)];
const day = (on) => new Date(`${on}T00:00:00`).toLocaleDateString(isEnglish() ? "en-GB" : "zh-CN", { dateStyle: "long" });

export function sheet(resident, known, facility, doctor) {
  const visit = resident.visits[0];
  const answers = valuesOf(visit.answers, known.items);
  const before = { ...resident, visits: resident.visits.slice(1) };
  const { found } = outcomesOf(before, known, answers, visit.on, visit.kind);
  const points = pointsOf(found);
  const next = found.map(({ outcome }) => outcome.next_due).sort()[0];
  const urgent = once(found.flatMap(({ programme }) => programme.urgent.map(both))).slice(0, MOST_SIGNS);
  const part = (title, ...children) => h("section", {}, h("h3", {}, title), children);
  return h("article", { class: "sheet", lang: isEnglish() ? "en" : "zh-Hans" },
    h("p", { class: "soft small" }, facility), h("h2", {}, t("advice_title")),
    h("p", {}, h("strong", {}, resident.name), " ", h("span", { class: "soft" }, t("advice_on", { on: day(visit.on) }))),
    part(t("advice_values"), h("table", {}, h("thead", {}, h("tr", {}, ["item", "now", "aim"].map((name) => h("th", { scope: "col" }, t(`advice_${name}`))))),
      h("tbody", {}, rows(before, known, answers, visit.on).map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell))))))),
    points.length ? part(t("advice_change"), h("ul", {}, points.map((each) => h("li", {}, each)))) : null,
    resident.medicines.length ? part(t("medicines"), h("ul", {}, resident.medicines.map((each) => h("li", {}, each)))) : null,
    next ? part(t("advice_next"), h("p", {}, h("strong", {}, day(next)), ` ${facility}`)) : null,
    h("section", { class: "alert emergency" }, h("h3", {}, t("advice_urgent")), h("p", {}, (urgent.length ? urgent : [t("advice_worse")]).join(t("semicolon")))),
    h("p", { class: "soft small" }, doctor));
}

// A row for each target; programmes that measure the same have one.
function rows(resident, known, answers, on) {
  const found = new Map();
  for (const programme of programmesOf(resident, known)) {
    const aimed = aim(programme, known.items, personOf(resident, on), answers, on);
    const given = aimed ? aimed.fields.filter((code) => known.items[code] && (aimed.facts[code] ?? null) !== null) : [];
    const [label, value] = measured(given, aimed?.facts ?? {}, known.items);
    if (value && !found.has(value)) found.set(value, [label, value, both(aimed.text)]);
  }
  return [...found.values()];
}

function measured(codes, facts, items) {
  const isPair = codes.includes("systolic") && codes.includes("diastolic");
  const shown = codes.filter((code) => !(isPair && code === "diastolic"));
  const label = (code) => (isPair && code === "systolic" ? t("pressure") : both(items[code].label));
  const value = (code) => (isPair && code === "systolic" ? `${facts.systolic}/${facts.diastolic} ${both(items.systolic.unit)}` : said(items[code], facts[code]));
  return [shown.map(label).join(t("comma")), shown.map(value).join(t("comma"))];
}

// Those with a reason in this person first, each once.
function pointsOf(found) {
  const told = found.flatMap(({ outcome }) => outcome.education).filter((each) => each.topic !== "emergency");
  const [reasons, general] = [told.filter((each) => !each.for_all), told.filter((each) => each.for_all)];
  return once([...reasons, ...general].map((each) => both(each.text))).slice(0, MOST_POINTS);
}
