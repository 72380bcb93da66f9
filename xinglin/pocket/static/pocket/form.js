// The joint visit: each question once, advice while it is typed, saved on the telephone.
import { jointItems, personOf, refusal, valueOf } from "./assess.js";
import { h } from "./drawing.js";
import { measuredOf, outcomesOf, programmesOf } from "./resident.js";
import { both, faultWords, t } from "./words.js";

const PAIR = ["systolic", "diastolic"];

// The day from which the yearly assessment of one of his programmes is due; null when none has one.
export const yearlyDue = (resident) => resident.programmes.map((each) => each.yearly).filter(Boolean).sort()[0] ?? null;

const hasYearly = (resident, known) => programmesOf(resident, known).some((each) => (each.items.yearly ?? []).length > 0);

// What was typed and not saved, with the day and the newest visit it belongs to.
export const draftOf = (resident, on, state) => ({ on, after: resident.visits[0]?.id ?? null, state });

// Of another day, or from before the newest visit: measured then, so it is told and not filled in.
const isOver = (draft, resident, on) => draft.on !== on || draft.after !== (resident.visits[0]?.id ?? null);

function leftWords({ on, state }, known) {
  const words = (state?.touched ?? [])
    .filter((code) => known.items[code] && state.answers[code] !== undefined)
    .map((code) => `${both(known.items[code].label)}${t("colon")}${said(known.items[code], state.answers[code])}`);
  return words.length ? t("left_over", { on, said: words.join(t("semicolon")) }) : "";
}

// `draft`: what was typed before, into the other form of the same visit or before the screen was left; it stays. `note` is told of it.
export function form(resident, known, on, save, draft = null, note = () => {}) {
  const past = measuredOf(resident, known.items);
  const last = resident.visits[0];
  const isLeft = draft !== null && isOver(draft, resident, on);
  const state = (isLeft ? null : draft?.state) ?? { kind: "routine", answers: {}, channel: last?.channel ?? "CLINIC", note: "", alert_answer: "", alert_note: "", call_reason: "", unusual: false, touched: [] };
  const isYearly = state.kind === "yearly";
  const asked = jointItems(programmesOf(resident, known), known.items, state.kind, personOf(resident, on), past, on);
  for (const { item, value, stands } of asked) if (value !== null && !stands && !(item.code in state.answers)) state.answers[item.code] = value;

  const advice = h("div", { class: "advice", role: "status" });
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const sameButton = h("button", { type: "button", class: "primary", onclick: () => finish(true) }, t("same_save"));
  const sameSaid = h("p", { class: "soft small" });
  const draw = () => {
    if (state.touched.length) note(state);
    drawAdvice(advice, resident, known, state, on, draw);
    const words = last ? sameWords(asked, last) : "";
    const pressure = PAIR.every((code) => !asked.some((each) => each.item.code === code) || code in state.answers);
    sameButton.hidden = !last || isYearly || !pressure || needsAnswer(resident, known, withLast(), on, state.kind);
    sameSaid.textContent = words ? t("same_is", { said: words }) : "";
    sameSaid.hidden = sameButton.hidden;
  };
  const withLast = () => {
    const filled = { ...state.answers };
    for (const { item, stands } of asked) {
      const before = last?.answers[item.code];
      if (!stands && item.kind !== "number" && !(item.code in filled) && before !== undefined) filled[item.code] = valueOf(item, before);
    }
    return filled;
  };
  const finish = (same) => {
    const answers = same ? withLast() : state.answers;
    const wrong = wrongOf(asked, resident, known, answers, state, on);
    fault.hidden = !wrong;
    fault.textContent = wrong;
    if (wrong) return;
    const codes = new Set([...asked.map((each) => each.item.code), ...state.touched]); // what only the other form carried forward goes
    const kept = Object.fromEntries(Object.entries(answers).filter(([code]) => codes.has(code)));
    save({ ...state, answers: kept }, outcomesOf(resident, known, kept, on, state.kind)).catch((error) => {
      fault.hidden = false;
      fault.textContent = faultWords(error);
    });
  };
  const change = (kind) => kind !== state.kind && drawn.replaceWith(form(resident, known, on, save, draftOf(resident, on, { ...state, kind }), note));

  // By telephone a second time in one week: only with the reason.
  const second = h("label", {}, t("call_again"), h("input", { name: "call_reason", maxlength: 500, value: state.call_reason, oninput: (event) => (state.call_reason = event.target.value) }),
    h("span", { class: "soft small" }, resident.called ? t("called", resident.called) : ""));
  const askReason = () => (second.hidden = !isCalledAgain(resident, state, on));
  askReason();
  const required = asked.filter((each) => each.required || PAIR.includes(each.item.code));
  const optional = asked.filter((each) => !required.includes(each));
  const drawn = h(
    "form",
    { class: "form", novalidate: true, onsubmit: (event) => (event.preventDefault(), finish(false)) },
    h("p", { class: "soft" }, last ? t("last", { on: last.on }) : t("first")),
    isLeft ? h("p", { class: "soft" }, leftWords(draft, known)) : null,
    hasYearly(resident, known) ? kinds(resident, state, on, change) : null,
    required.some((each) => each.item.code === PAIR[0]) ? pressure(required, state, draw, () => sameButton) : null,
    advice,
    h("div", { class: "bar" }, sameButton, sameSaid),
    required.filter((each) => !PAIR.includes(each.item.code)).map((each) => question(each, state, draw)),
    choices(t("channel"), ["CLINIC", "HOME", "PHONE", "MESSAGE"].map((code) => [code, t(code)]), () => state.channel, (code) => ((state.channel = code), askReason())),
    second,
    optional.length ? h("details", { open: isYearly }, h("summary", {}, t("more")), optional.map((each) => question(each, state, draw))) : null,
    h("label", {}, t("note"), h("textarea", { rows: 2, maxlength: 2000, oninput: (event) => (state.note = event.target.value) }, state.note)),
    h("label", { class: "check" }, h("input", { type: "checkbox", checked: state.unusual, onchange: (event) => (state.unusual = event.target.checked) }), t("unusual")),
    fault,
    h("div", { class: "bar" }, h("button", { type: "submit", class: "primary" }, t("save"))),
  );
  draw();
  return drawn;
}

// Which of the two forms; whether the yearly one is due, and whether this year already has one.
function kinds(resident, state, on, change) {
  const due = yearlyDue(resident);
  const done = resident.visits.find((visit) => visit.kind === "yearly" && visit.on.slice(0, 4) === on.slice(0, 4));
  const help = done ? t("yearly_done", { on: done.on }) : due ? t(due <= on ? "yearly_due" : "yearly_next", { on: due }) : "";
  return choices(t("form"), [["routine", t("routine")], ["yearly", t("yearly")]], () => state.kind, change, help);
}

function sameWords(asked, last) {
  return asked
    .filter(({ item }) => ["choice", "choices", "yes-no"].includes(item.kind) && last.answers[item.code] !== undefined)
    .map(({ item }) => `${both(item.label)}${t("colon")}${said(item, last.answers[item.code])}`)
    .join(t("semicolon"));
}

export function said(item, raw) {
  const value = valueOf(item, raw);
  if (value === null) return "";
  if (item.kind === "number") return `${value} ${both(item.unit)}`.trim();
  if (item.kind === "yes-no") return value ? t("yes") : t("no");
  if (item.kind === "choice" || item.kind === "choices") {
    return item.options.filter((each) => [value].flat().includes(each.code)).map((each) => both(each.text)).join(t("comma"));
  }
  return String(value);
}

function needsAnswer(resident, known, answers, on, kind) {
  return outcomesOf(resident, known, answers, on, kind).alerts.some((each) => ["emergency", "refer"].includes(each.level));
}

// Spoken to this week, by somebody else than in an emergency, and now by telephone.
export const isQuiet = (resident, on) => Boolean(resident.called) && !resident.called.exemption && on < resident.called.until;
const isCalledAgain = (resident, state, on) => state.channel === "PHONE" && isQuiet(resident, on);

function wrongOf(asked, resident, known, answers, state, on) {
  if (!Object.keys(answers).length) return t("nothing");
  for (const item of Object.keys(answers).map((code) => known.items[code])) {
    const code = item ? refusal(item, answers[item.code], on) : "";
    if (code) return `${both(item.label)}${t("colon")}${t(code, { low: item.low, high: item.high })}`;
  }
  if (PAIR.filter((code) => code in answers).length === 1) return t("pair");
  if (PAIR.every((code) => code in answers) && answers.systolic <= answers.diastolic) return t("order");
  if (isCalledAgain(resident, state, on) && !state.call_reason.trim()) return t("call_again_needed");
  const answered = state.alert_answer && (state.alert_answer === "REFER" || state.alert_note.trim());
  return needsAnswer(resident, known, answers, on, state.kind) && !answered ? t("handle_needed") : "";
}

function set(state, item, raw, draw) {
  const value = valueOf(item, raw);
  if (!state.touched.includes(item.code)) state.touched.push(item.code);
  if (value === null) delete state.answers[item.code];
  else state.answers[item.code] = value;
  draw();
}

// The pressure first and large: enough digits lead on to the next field by themselves.
function pressure(required, state, draw, next) {
  const fields = PAIR.map((code) => required.find((each) => each.item.code === code)?.item).filter(Boolean);
  const inputs = fields.map((item, index) =>
    h("input", {
      id: item.code, name: item.code, inputmode: "numeric", autocomplete: "off", maxlength: 3, "aria-label": both(item.label), value: state.answers[item.code],
      oninput: (event) => {
        const typed = event.target.value.replace(/\D/g, "");
        event.target.value = typed;
        set(state, item, typed, draw);
        if (typed.length === 3 || (typed.length === 2 && Number(typed) >= 40)) inputs[index + 1]?.focus() ?? (typed.length === 3 && next().focus());
      },
    }),
  );
  queueMicrotask(() => requestAnimationFrame(() => inputs[0]?.focus()));
  return h(
    "fieldset", { class: "pressure" },
    h("legend", {}, fields.map((item) => both(item.label)).join(" / "), h("span", { class: "soft" }, ` ${both(fields[0].unit)}`)),
    h("div", { class: "pair" }, inputs[0], h("span", { "aria-hidden": "true" }, "/"), inputs[1]),
  );
}

function question(each, state, draw) {
  const { item } = each;
  const help = [
    each.required ? t("required") : "", each.stands && item.kind === "number" ? `${each.value} ${both(item.unit)}` : "",
    each.value_on ? t("carried", { on: each.value_on }) : "", both(item.hint),
  ].filter(Boolean).join(" · ");
  if (item.kind === "choice" || item.kind === "yes-no") {
    const options = item.kind === "choice" ? item.options.map((o) => [o.code, both(o.text)]) : [[false, t("no")], [true, t("yes")]];
    return choices(both(item.label), options, () => state.answers[item.code], (value) => set(state, item, value, draw), help);
  }
  if (item.kind === "choices") {
    const chosen = () => state.answers[item.code] ?? [];
    const toggle = (code) => {
      const was = chosen();
      const without = was.filter((each) => each !== code);
      const became = was.includes(code) ? without : code === "none" ? ["none"] : [...without.filter((each) => each !== "none"), code];
      set(state, item, became, draw);
    };
    return choices(both(item.label), item.options.map((o) => [o.code, both(o.text)]), chosen, toggle, help);
  }
  const attributes = { id: item.code, name: item.code, autocomplete: "off", value: state.answers[item.code] ?? "", oninput: (event) => set(state, item, event.target.value, draw) };
  const field = item.kind === "date" ? h("input", { ...attributes, type: "date" }) : h("input", { ...attributes, inputmode: item.kind === "number" ? "decimal" : "text" });
  return h("label", {}, both(item.label), h("span", { class: "soft" }, ` ${both(item.unit)}`), field, help ? h("span", { class: "soft small" }, help) : null);
}

function choices(label, options, current, choose, help = "") {
  const is = (code) => (Array.isArray(current()) ? current().includes(code) : current() === code);
  const buttons = options.map(([code, text]) =>
    h("button", { type: "button", class: "choice", "data-code": String(code), "aria-pressed": String(is(code)), onclick: () => (choose(code), refresh()) }, text),
  );
  const refresh = () => buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(is(options[index][0]))));
  return h("fieldset", {}, h("legend", {}, label), h("div", { class: "choices" }, buttons), help ? h("p", { class: "soft small" }, help) : null);
}

function drawAdvice(place, resident, known, state, on, draw) {
  const { found, alerts } = outcomesOf(resident, known, state.answers, on, state.kind);
  const focused = document.activeElement;
  if (place.contains(focused) && focused?.matches("input, select")) return; // do not take the field away from who types in it
  place.replaceChildren(
    ...alerts.map((alert) => h("p", { class: `alert ${alert.level}` }, both(alert.text), h("span", { class: "soft small" }, ` ${Array.isArray(alert.source) ? both(alert.source) : alert.source}`))),
    ...(alerts.some((alert) => ["emergency", "refer"].includes(alert.level)) ? [handling(state, draw)] : []),
    ...found.filter(({ outcome }) => outcome.controlled !== null || outcome.grade).map(({ programme, outcome }) => result(programme, outcome, known.items)),
  );
}

function handling(state, draw) {
  const select = h(
    "select", { name: "alert_answer", "aria-label": t("handle"), onchange: (event) => ((state.alert_answer = event.target.value), event.target.blur(), draw()) },
    h("option", { value: "" }, t("handle")),
    ["REFER", "REFERRED", "REFUSED", "OTHER"].map((code) => h("option", { value: code, selected: state.alert_answer === code }, t(code))),
  );
  const note = h("input", { name: "alert_note", "aria-label": t("handle_note"), placeholder: t("handle_note"), value: state.alert_note, oninput: (event) => (state.alert_note = event.target.value) });
  return h("div", { class: "handling" }, select, note);
}

function result(programme, outcome, items) {
  const missing = outcome.missing.filter((code) => items[code]).map((code) => both(items[code].label)).join(t("comma"));
  const grade = programme.grades.find((each) => each.slug === outcome.grade);
  const control = outcome.controlled === null ? t("unmeasured") : outcome.controlled ? t("controlled") : t("uncontrolled");
  const tone = outcome.controlled === null ? "" : outcome.controlled ? "good" : "bad";
  return h(
    "div", { class: "result" },
    h("p", {}, h("strong", {}, both(programme.short)), " ", h("span", { class: "pill" }, grade ? both(grade.title) : t("ungraded")), " ",
      h("span", { class: `pill ${tone}` }, control), " ", h("span", { class: "soft" }, t("next", { on: outcome.next_due }))),
    outcome.advice.map((each) => h("p", { class: "small" }, both(each.text))),
    missing ? h("p", { class: "small soft" }, t("missing", { said: missing })) : null,
  );
}
