// What is shown: today's list, one resident, the outbox, the state of the telephone.
import { addDays, daysBetween } from "./assess.js";
import { h, trend } from "./drawing.js";
import { isQuiet, said, yearlyDue } from "./form.js";
import { programmesOf } from "./resident.js";
import { both, moment, t } from "./words.js";

const MOST_SHOWN = 300;

// The order of the server's day list: the most serious finding, then who waits longest, then the worst grade.
export function byRisk(a, b) {
  const [x, y] = [a.line, b.line];
  return y.severity - x.severity || (x.due < y.due ? -1 : x.due > y.due ? 1 : 0) || y.rank - x.rank || (a.uuid < b.uuid ? -1 : 1);
}

export function isDue(resident, on) {
  return !resident.line.lost && resident.line.due <= on && (!resident.line.again || resident.line.again <= on);
}

const age = (resident, on) => t("age", { n: Math.floor(daysBetween(resident.born_on, on) / 365.2425) });

function dueWords(due, on) {
  const days = daysBetween(on, due);
  return days < 0 ? t("overdue", { n: -days }) : days === 0 ? t("due_today") : t("due_in", { n: days });
}

// Letters as the server reads them: without tones, spaces and apostrophes, ü as v; nothing when anything else was typed.
const LETTERS = /^[a-z\u00c0-\u024f' -]+$/i;
const letters = (text) => (LETTERS.test(text) ? text.toLowerCase().replaceAll("ü", "v").normalize("NFKD").replace(/[^a-z]/g, "") : "");

// By a part of the name, its initials or its whole pinyin. Who was fetched by an earlier version has no pinyin until the next night.
function isMeant(resident, query) {
  const typed = letters(query);
  return resident.name.includes(query) || (typed && [resident.initials, resident.pinyin ?? ""].some((each) => each.toLowerCase().startsWith(typed)));
}

export function list(residents, known, on, mode, actions) {
  const shown = residents.filter((each) => mode === "all" || isDue(each, on)).sort(byRisk);
  const rows = h("ul", { class: "list" });
  const draw = (query) => {
    const wanted = query.trim();
    const found = shown.filter((each) => !wanted || isMeant(each, wanted));
    rows.replaceChildren(...found.slice(0, MOST_SHOWN).map((each) => row(each, known, on, actions)));
    if (!found.length) rows.append(h("li", { class: "empty" }, t(wanted || mode === "all" ? "nobody_found" : "nobody")));
  };
  draw("");
  const search = h("input", { type: "search", class: "search", placeholder: t("search"), "aria-label": t("search"), oninput: (event) => draw(event.target.value) });
  return [search, rows];
}

function row(resident, known, on, actions) {
  const programmes = programmesOf(resident, known).map((each) => both(each.short)).join(t("comma"));
  const late = resident.line.due < on ? "late" : "";
  return h(
    "li", { class: resident.line.severity >= 3 ? "serious" : "" },
    h("button", { type: "button", class: "row", onclick: () => actions.visit(resident) },
      h("span", { class: "name" }, `${resident.name} `, h("span", { class: "soft" }, age(resident, on))),
      h("span", { class: "soft small" }, [programmes, resident.village, resident.address].filter(Boolean).join(" · ")),
      isQuiet(resident, on) ? h("span", { class: "soft small" }, t("called", resident.called)) : null,
      (yearlyDue(resident) ?? "9") <= on ? h("span", { class: "pill" }, t("yearly")) : null,
      h("span", { class: `due ${late}` }, dueWords(resident.line.due, on), resident.line.attempts ? ` · ${t("tries", { n: resident.line.attempts })}` : "")),
    resident.phone && !isQuiet(resident, on) ? h("a", { class: "call", href: `tel:${resident.phone}`, "aria-label": `${t("call")} ${resident.name}` }, t("call")) : null,
  );
}

export function record(resident, known, on, actions) {
  const series = (code) => resident.visits.filter((v) => v.answers[code] !== undefined).map((v) => [v.on, Number(v.answers[code])]).reverse();
  const drawn = [[["systolic", "diastolic"], "mmHg"], [["glucose_fasting"], "mmol/L"], [["weight"], "kg"]]
    .map(([codes, unit]) => [trend(codes.map(series), `${codes.map((code) => (known.items[code] ? both(known.items[code].label) : code)).join(" / ")} ${unit}`), codes, unit])
    .filter(([drawing]) => drawing);
  const last = resident.visits[0];
  return [
    h("h2", {}, `${resident.name} `, h("span", { class: "soft" }, age(resident, on))),
    h("p", { class: "soft" }, [resident.village, resident.address].filter(Boolean).join(" · ")),
    h("div", { class: "bar" },
      h("button", { type: "button", class: "primary", onclick: () => actions.visit(resident) }, t("visit")),
      last ? h("button", { type: "button", onclick: () => actions.print(resident) }, t("print")) : null,
      resident.phone && !isQuiet(resident, on) ? h("a", { class: "call", href: `tel:${resident.phone}` }, t("call")) : null),
    isQuiet(resident, on) ? h("p", { class: "alert note" }, t("called", resident.called)) : null,
    resident.alerts.length ? h("section", {}, h("h3", {}, t("findings")), resident.alerts.map((each) => h("p", { class: "alert refer" }, findingWords(each, known), each.by ? ` · ${t("until", { on: each.by })}` : ""))) : null,
    h("section", {}, resident.programmes.map((each) => {
      const programme = known.programmes[each.version];
      const grade = programme?.grades.find((one) => one.slug === each.grade);
      const control = each.controlled === null ? t("unmeasured") : each.controlled ? t("controlled") : t("uncontrolled");
      return h("p", {}, h("strong", {}, programme ? both(programme.short) : each.slug), " ", h("span", { class: "pill" }, grade ? both(grade.title) : t("ungraded")), " ", h("span", { class: "pill" }, control), " ", h("span", { class: "soft" }, each.due ? t("next", { on: each.due }) : ""));
    })),
    drawn.map(([drawing, codes, unit]) => h("section", {}, h("h3", {}, `${codes.map((code) => both(known.items[code]?.label ?? [code, code])).join(" / ")} ${unit}`), drawing)),
    h("section", {}, h("p", {}, h("strong", {}, `${t("medicines")} `), resident.medicines.join(t("semicolon")) || t("unknown")), h("p", {}, h("strong", {}, `${t("allergies")} `), resident.allergies || t("unknown"))),
    last ? h("section", {}, h("h3", {}, t("last", { on: last.on }), last.kind === "yearly" ? ` · ${t("yearly")}` : ""), answersOf(resident, last, known).map(([code, raw]) => h("p", { class: "small" }, h("span", { class: "soft" }, `${both(known.items[code].label)} `), said(known.items[code], raw)))) : null,
    h("details", {}, h("summary", {}, t("unreached")), h("div", { class: "choices" }, ["NO_ANSWER", "WRONG_NUMBER", "AWAY", "REFUSED"].map((why) =>
      h("button", { type: "button", class: "choice", onclick: () => actions.unreached(resident, why, addDays(on, 3)) }, t(why === "REFUSED" ? "REFUSES" : why))))),
    correction("phone", resident, actions), correction("address", resident, actions),
  ];
}

// What was answered, in the order the form asks it: the database keeps no order.
function answersOf(resident, visit, known) {
  const asked = programmesOf(resident, known).flatMap((each) => each.items[visit.kind] ?? []).map((use) => use.code);
  const codes = new Set([...asked, ...Object.keys(visit.answers)]);
  return [...codes].filter((code) => known.items[code] && visit.answers[code] !== undefined).map((code) => [code, visit.answers[code]]);
}

// A finding with what it rests on; one that came before words came in both languages stands as it came.
function findingWords(alert, known) {
  const words = Array.isArray(alert.text) ? both(alert.text) : alert.text;
  const values = Object.entries(alert.values ?? {}).filter(([code]) => known.items[code]);
  const shown = values.map(([code, raw]) => `${both(known.items[code].label)} ${said(known.items[code], raw)}`);
  return shown.length ? `${words} · ${shown.join(t("comma"))}` : words;
}

function correction(field, resident, actions) {
  if (field === "phone" && resident.phone === null) return null; // not shown to this role: not his to correct
  const input = h("input", { value: resident[field] ?? "", inputmode: field === "phone" ? "tel" : "text", maxlength: field === "phone" ? 20 : 120, "aria-label": t(`correct_${field}`) });
  return h("details", {}, h("summary", {}, t(`correct_${field}`)), h("div", { class: "bar" }, input, h("button", { type: "button", onclick: () => actions.correct(resident, field, input.value.trim()) }, t("save"))));
}

const KINDS = { visit: "visit", unreached: "unreached", correction: "correction" };

export function outbox(entries, known, actions) {
  if (!entries.length) return [h("p", { class: "empty" }, t("nothing_waits"))];
  return [
    h("ul", { class: "list" }, [...entries].reverse().map((each) =>
      h("li", { class: `sent ${each.state}`, "data-state": each.state },
        h("p", { class: "name" }, `${each.name} `, h("span", { class: "pill" }, t(each.state))),
        h("p", { class: "soft small" }, `${t(each.change.content.kind === "yearly" ? "yearly" : KINDS[each.change.kind])} · ${moment(each.change.happened_at)}`),
        each.message && each.state !== "done" ? h("p", { class: "small" }, each.words ? both(each.words) : each.message) : null,
        (each.told ?? []).map((told) => h("p", { class: "small" }, toldWords(told, known)))))),
    entries.some((each) => each.state === "done") ? h("button", { type: "button", onclick: actions.clear }, t("clear_done")) : null,
  ];
}

function toldWords(told, known) {
  if (told.code === "grade-differs") {
    const title = (slug) => both(known.programmes[told.version]?.grades.find((each) => each.slug === slug)?.title ?? [slug || t("ungraded"), slug || t("ungraded")]);
    return t("grade_differs", { became: title(told.became), was: title(told.was) });
  }
  if (told.code === "yearly-twice") return t("yearly_twice", told);
  return told.code === "programme-ended" ? t("programme_ended") : told.code === "answers-left-out" ? t("left_out") : "";
}

// What was not sent is lost for ever: whoever lays the telephone down says that he knows.
export function leaving(facts, actions) {
  const button = h("button", { type: "button", class: "danger", disabled: facts.waiting > 0, onclick: actions.leave }, t("leave"));
  const knows = h("input", { type: "checkbox", onchange: (event) => (button.disabled = !event.target.checked) });
  return [facts.waiting ? h("label", { class: "check" }, knows, t("leave_lose", { n: facts.waiting })) : null, button];
}

export function status(facts, actions) {
  const line = (name, value) => h("p", {}, h("span", { class: "soft" }, `${name} `), h("strong", {}, value));
  return [
    h("div", { class: "bar" }, h("button", { type: "button", class: "primary", onclick: actions.sync }, t("sync"))),
    facts.leftOut ? h("p", { class: "alert adjust" }, t("left_behind", { n: facts.leftOut })) : null,
    line(t("last_contact"), facts.contact ? moment(facts.contact) : t("never")),
    line(t("phone_name"), `${facts.device.name} · ${facts.device.facility}`),
    line(t("storage"), `${(facts.room.used / 1048576).toFixed(1)} MB / ${(facts.room.quota / 1048576).toFixed(0)} MB`),
    h("p", { class: "soft" }, facts.room.lasting ? t("lasting") : t("fleeting")),
    h("div", { class: "bar" }, h("button", { type: "button", onclick: actions.language }, t("language")), h("button", { type: "button", onclick: actions.lock }, t("lock"))),
    h("details", {}, h("summary", {}, t("leave")), h("p", {}, t("leave_text", { n: facts.waiting })), leaving(facts, actions)),
  ];
}
