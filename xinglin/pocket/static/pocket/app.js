// The app: locked or open, and which screen. Everything is read from the telephone; contact with the server is a separate thing.
import { addDays, standing } from "./assess.js";
import { unlock } from "./crypto.js";
import { sheet } from "./advice.js";
import { h } from "./drawing.js";
import { draftOf, form } from "./form.js";
import { isAhead, tidied } from "./outbox.js";
import * as screens from "./screens.js";
import * as store from "./store.js";
import { setup } from "./setup.js";
import { mustErase as isToErase, session, synchronise } from "./sync.js";
import { faultWords, isEnglish, setEnglish, t } from "./words.js";

const DAY = 86400000;
const DEFAULT = { pin_digits: 6, pin_tries: 10, pin_rounds: 600000, idle_seconds: 300, days_without_contact: 14 };
const place = document.getElementById("app");
const app = { key: null, residents: [], known: { programmes: {}, items: {} }, entries: [], mode: "today", notice: null, idle: 0, trail: [], drafts: {}, asks: false };
// Other tabs of the same browser: what one erases or keeps, all must know.
const others = "BroadcastChannel" in window ? new BroadcastChannel("xinglin-pocket") : { postMessage() {}, addEventListener() {} };

const today = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 10);
const rules = async () => ({ ...DEFAULT, ...((await store.meta("rules")) ?? {}) });
const show = (...children) => {
  place.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  window.scrollTo(0, 0);
};

// Opening ---------------------------------------------------------------------------------------------------------------
async function begin() {
  setEnglish(chosenLanguage() ?? (await store.meta("english")) ?? isEnglish());
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/pocket/worker.js", { scope: "/pocket/" }).catch(() => {});
  await store.seeClock();
  if (await store.meta("erased")) return farewell("erased");
  return (await store.meta("vault")) ? lockScreen() : setupScreen();
}

// The language is that of the platform's pages: the same cookie says it, and without one what was chosen here last.
function chosenLanguage() {
  const said = document.cookie.match(/(?:^|; )xinglin_language=([\w-]+)/)?.[1];
  return said ? said.startsWith("en") : null;
}

// Must it be erased? Asked beside whatever is shown, before anything is opened, and while it is locked. True: nothing is left to open.
async function mustErase() {
  const answer = await isToErase();
  if (answer) farewell(answer);
  else if (app.key && (await store.meta("ended"))) sync(true);
  return Boolean(answer);
}

function farewell(why) {
  Object.assign(app, { key: null, residents: [], entries: [], drafts: {} });
  others.postMessage("gone");
  show(head(), h("section", { class: "card" }, h("h2", {}, t(why)), why === "erased" ? h("p", {}, t("erased_text")) : null,
    h("button", { type: "button", class: "primary", onclick: async () => (await store.erase(), setupScreen()) }, t("setup"))));
}

const head = () => h("header", { class: "head" }, h("img", { src: document.body.dataset.mark, alt: "", width: 28, height: 28 }), h("h1", {}, t("title")));

const setupScreen = () => setup({ show, head, rules, begun: (key) => ((app.key = key), sync()) });

async function lockScreen() {
  clearTimeout(app.idle);
  await keepDrafts();
  Object.assign(app, { key: null, residents: [], entries: [], idle: 0, trail: [], drafts: {}, notice: null });
  const pin = h("input", { name: "pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 20, "aria-label": t("pin") });
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const button = h("button", { type: "submit", class: "primary" }, t("unlock"));
  let isTrying = false; // a double tap is one try
  const submit = async (event) => {
    event.preventDefault();
    if (isTrying || !pin.value) return;
    isTrying = true;
    button.textContent = t("wait_one");
    try {
      await attempt();
    } finally {
      isTrying = false;
      button.textContent = t("unlock");
    }
  };
  const attempt = async () => {
    const [limits, vault, asked] = [await rules(), await store.meta("vault"), mustErase()];
    if (!vault) return;
    const tries = ((await store.meta("tries")) ?? 0) + 1;
    await store.setMeta("tries", tries); // counted before it is tried: switching off in between gains nothing
    const key = await unlock(vault, pin.value);
    if (await asked) return;
    if (key) {
      await store.setMeta("tries", 0);
      app.key = key;
      return enter();
    }
    if (tries >= limits.pin_tries) {
      await store.erase({ erased: true });
      return farewell("erased");
    }
    pin.value = "";
    fault.hidden = false;
    fault.textContent = t("pin_wrong", { n: limits.pin_tries - tries });
  };
  show(head(), h("form", { class: "card form", onsubmit: submit }, h("h2", {}, t("unlock")), h("label", {}, t("pin"), pin), fault, button));
  pin.focus();
  mustErase();
}

// Too long without contact: residents stay shut, what was written down does not get lost.
async function enter() {
  const limits = await rules();
  const last = await store.meta("contact");
  const days = Math.floor((Date.now() - (last ?? 0)) / DAY);
  app.entries = await store.outbox(app.key);
  if (await store.meta("ended")) return endedScreen(), sync(true);
  if (days >= limits.days_without_contact) {
    const waiting = app.entries.filter((each) => each.state === "waiting").length;
    return show(head(), h("section", { class: "card" }, h("p", {}, last ? t("long_ago", { n: days, m: waiting }) : t("never_fetched")), h("p", { class: "fault", role: "alert" }, app.notice?.() ?? ""), h("button", { type: "button", class: "primary", onclick: sync }, t("sync"))));
  }
  app.drafts = await store.drafts(app.key);
  await load();
  if (!navigator.onLine) Object.assign(app, { notice: () => t("offline"), asks: false });
  screen(app.mode);
  if (navigator.onLine) sync(true);
}

// Laid down on the computer: nobody is shown, and what was not sent goes up when its owner signs in.
function endedScreen() {
  others.postMessage("gone"); // in another tab they may still stand
  const waiting = app.entries.filter((each) => each.state === "waiting").length;
  show(head(), h("section", { class: "card" }, h("h2", {}, t("ended")), h("p", {}, t("ended_waiting", { n: waiting })), notice(),
    h("button", { type: "button", class: "primary", onclick: sync }, t("sync")),
    h("details", {}, h("summary", {}, t("leave")), screens.leaving({ waiting }, { leave }))));
}

async function load(isFed = false) {
  const [carried, told, entries, called] = await Promise.all([store.residents(app.key), store.definitions(app.key), store.outbox(app.key), store.called(app.key)]);
  const residents = carried.map((each) => ({ ...each, called: called[each.uuid] ?? null }));
  Object.assign(app, { residents, known: told ?? app.known, entries });
  if (isFed) await tidy();
  for (const entry of entries) if (isAhead(entry, residents, Date.now())) replace(entry.seen);
  if (isFed) app.entries = await store.outbox(app.key);
}

// After a contact: what the server's copies hold is kept no second time, and nothing of whoever left the panel.
async function tidy() {
  const { forgotten, shorter } = tidied(app.entries, app.residents, Date.now());
  if (shorter.length) await store.keep(app.key, shorter);
  if (forgotten.length) await store.forget(forgotten);
  app.drafts = Object.fromEntries(Object.entries(app.drafts).filter(([uuid]) => app.residents.some((each) => each.uuid === uuid)));
  await keepDrafts();
}

function replace(seen) {
  app.residents = app.residents.map((each) => (each.uuid === seen.uuid ? seen : each));
}

// Screens ---------------------------------------------------------------------------------------------------------------
async function screen(mode) {
  app.mode = mode;
  const content = { today: listScreen, all: listScreen, outbox: outboxScreen, state: stateScreen }[mode];
  const [children, skew] = [await content(), await store.meta("skew")];
  if (app.key && app.mode === mode) show(head(), tabs(), clockWarning(skew), notice(), h("section", {}, children));
}

// Where the reader is, so that the telephone's own back button leads one step back and not out of the app. Kept in memory only:
// the browser's history holds a number, nothing of anybody.
function goTo(found) {
  const depth = (history.state?.depth ?? 0) + 1;
  app.trail[depth] = found;
  history.pushState({ depth }, "");
  showPlace(found);
}

function showPlace(found) {
  const resident = found?.uuid && app.residents.find((each) => each.uuid === found.uuid);
  if (resident) return SHOWN[found.view](resident);
  return screen(found?.mode ?? app.mode);
}

addEventListener("popstate", (event) => app.key && showPlace(app.trail[event.state?.depth ?? 0]));

const SIGN_IN = () => h("a", { class: "call", href: "/sign-in/?next=/pocket/" }, t("sign_in"));
// Said when it is shown: a change of the language changes it, too.
const notice = () => (app.notice ? h("div", { class: "notice", role: "status" }, h("p", {}, app.notice()), app.asks ? SIGN_IN() : null, justSeen()) : null);

// Of a visit that was just kept, what the resident takes home.
function justSeen() {
  const resident = app.residents.find((each) => each.uuid === app.seen);
  return resident ? h("button", { type: "button", onclick: () => actions.print(resident) }, t("print")) : null;
}

function clockWarning(skew) {
  const minutes = Math.round(Math.abs(skew ?? 0) / 60000);
  if (minutes < 10) return null;
  const n = minutes >= 1440 ? t("clock_days", { n: Math.round(minutes / 1440) }) : minutes >= 60 ? t("clock_hours", { n: Math.round(minutes / 60) }) : t("clock_minutes", { n: minutes });
  return h("p", { class: "alert adjust", role: "alert" }, t("clock", { n }));
}

function tabs() {
  const waiting = app.entries.filter((each) => each.state === "waiting" || each.state === "review").length;
  return h("nav", { class: "tabs" }, ["today", "all", "outbox", "state"].map((mode) =>
    h("button", { type: "button", "aria-current": mode === app.mode ? "page" : null, onclick: () => goTo({ mode }) }, t(mode), mode === "outbox" && waiting ? h("span", { class: "count" }, waiting) : null)));
}

const listScreen = async () => screens.list(app.residents, app.known, today(), app.mode, actions);
const outboxScreen = async () => screens.outbox(app.entries, app.known, actions);

async function stateScreen() {
  const waiting = app.entries.filter((each) => each.state === "waiting").length;
  const facts = { device: await store.meta("device"), contact: await store.meta("contact"), leftOut: await store.meta("leftOut"), room: await store.room(), waiting };
  return screens.status(facts, { sync: () => sync(), lock: lockScreen, language: changeLanguage, leave });
}

async function changeLanguage() {
  setEnglish(!isEnglish());
  await store.setMeta("english", isEnglish());
  document.cookie = `xinglin_language=${isEnglish() ? "en" : "zh-hans"}; path=/; max-age=31536000; samesite=lax`;
  screen(app.mode);
}

async function leave() {
  const device = await store.meta("device");
  try {
    const who = await session();
    const address = `/api/v1/pocket/devices/${device.uuid}/end`;
    await fetch(address, { method: "POST", headers: { "X-CSRFToken": who.csrf, "Idempotency-Key": crypto.randomUUID() } });
  } catch {
    // without a connection it is laid down here all the same; the owner ends it on the computer
  }
  await store.erase();
  farewell("ended");
}

const back = () => h("button", { type: "button", class: "back", onclick: () => history.back() }, `‹ ${t("back")}`);

// Half a form is not lost by looking away, by a lock, or by a browser that ends a page which nobody sees.
const keepDrafts = () => app.key && store.setDrafts(app.key, app.drafts).catch(() => {});

const SHOWN = {
  visit(resident) {
    const note = (state) => {
      app.drafts[resident.uuid] = draftOf(resident, today(), state);
      clearTimeout(app.keepingDrafts);
      app.keepingDrafts = setTimeout(keepDrafts, 400);
    };
    const drawn = form(resident, app.known, today(), (said, outcomes) => keepVisit(resident, said, outcomes), app.drafts[resident.uuid] ?? null, note);
    show(head(), h("section", {}, back(), h("div", { class: "who" }, h("h2", {}, resident.name), h("button", { type: "button", onclick: () => actions.record(resident) }, t("record"))), drawn));
  },
  async sheet(resident) {
    const { facility } = await store.meta("device");
    show(h("div", { class: "bar" }, back(), h("button", { type: "button", class: "primary", onclick: () => window.print() }, t("print_now"))), sheet(resident, app.known, facility, ""));
  },
  record(resident) {
    show(head(), h("section", {}, back(), screens.record(resident, app.known, today(), actions)));
  },
};

// The server's page where it has the visit and there is a connection; otherwise the one drawn here.
async function print(resident) {
  const visit = app.residents.find((each) => each.uuid === resident.uuid).visits[0];
  const isAhead = app.entries.some((each) => each.change.client_id === visit.id && each.state !== "done");
  if (navigator.onLine && !isAhead) return window.open(`/programmes/visits/of-telephone/${visit.id}/advice.pdf`, "_blank", "noopener");
  return goTo({ view: "sheet", uuid: resident.uuid });
}

const actions = {
  print,
  visit: (resident) => goTo({ view: "visit", uuid: resident.uuid }),
  record: (resident) => goTo({ view: "record", uuid: resident.uuid }),
  unreached: (resident, why, again) => keep(resident, "unreached", { why, try_again_on: again }, (known) => {
    known.line.attempts += 1;
    known.line.again = again;
  }).catch(say),
  correct: (resident, field, value) => keep(resident, "correction", { field, value }, (known) => (known[field] = value)).catch(say),
  async clear() {
    await store.forget(app.entries.filter((each) => each.state === "done").map((each) => each.change.client_id));
    app.entries = await store.outbox(app.key);
    screen("outbox");
  },
};

function say(error) {
  app.notice = () => faultWords(error);
  return screen(app.mode);
}

async function keepVisit(resident, said, { found }) {
  const results = Object.fromEntries(found.map(({ programme, outcome }) => [programme.slug, { version: programme.version, grade: outcome.grade }]));
  const content = { channel: said.channel, kind: said.kind, answers: said.answers, note: said.note, alert_answer: said.alert_answer, alert_note: said.alert_note, call_reason: said.call_reason ?? "", confirmed_unusual: said.unusual, results };
  const LEVELS = { note: 1, adjust: 2, refer: 3, emergency: 4 };
  await keep(resident, "visit", content, (known, id) => {
    known.visits.unshift({ id, on: today(), kind: said.kind, channel: said.channel, answers: said.answers,
      results: Object.fromEntries(found.map(({ programme, outcome }) => [programme.slug, [outcome.grade, outcome.controlled]])) });
    for (const { programme, outcome } of found) {
      const mine = known.programmes.find((each) => each.slug === programme.slug);
      Object.assign(mine, { grade: outcome.grade, controlled: outcome.controlled, due: outcome.next_due });
      const { yearly_days } = programme.plan;
      if (said.kind === "yearly" && yearly_days) mine.yearly = addDays(today(), yearly_days);
    }
    known.line.due = found.map(({ outcome }) => outcome.next_due).sort()[0] ?? known.line.due;
    known.alerts = standing(known.alerts, found);
    known.line.severity = Math.max(0, ...known.alerts.map((each) => each.level), ...found.flatMap(({ outcome }) => outcome.alerts.map((alert) => LEVELS[alert.level])));
    Object.assign(known.line, { attempts: 0, again: null });
  });
}

// Into the outbox, sealed, before anything is said to be kept. `seen` is what the list shows until the server has spoken.
async function keep(resident, kind, content, show_at_once) {
  if (app.isKeeping) return; // a second tap
  app.isKeeping = true;
  try {
    await kept(resident, kind, content, show_at_once);
  } finally {
    app.isKeeping = false;
  }
  if (navigator.onLine) sync(true);
}

async function kept(resident, kind, content, show_at_once) {
  const client_id = crypto.randomUUID();
  await store.seeClock();
  const [upto, skew] = [await store.meta("upto"), await store.meta("skew")];
  const change = { client_id, kind, resident: resident.uuid, happened_at: new Date().toISOString(), base_revision: upto ?? 0, skew_seconds: skew === undefined ? null : Math.round(-skew / 1000), content };
  const seen = structuredClone(resident);
  show_at_once(seen, client_id);
  const entry = { change, state: "waiting", name: resident.name, message: "", seen };
  await store.keep(app.key, [entry]);
  app.entries.push(entry);
  replace(seen);
  if (kind === "visit") delete app.drafts[resident.uuid];
  keepDrafts();
  Object.assign(app, { notice: () => `${resident.name}${t("colon")}${t("kept")}`, asks: false });
  app.seen = kind === "visit" ? resident.uuid : null;
  others.postMessage("kept");
  app.trail = [];
  history.replaceState({ depth: 0 }, "");
  await screen(app.mode === "outbox" || app.mode === "state" ? "today" : app.mode);
}

// Contact ---------------------------------------------------------------------------------------------------------------
let running = null;

function sync(quietly = false) {
  if (quietly !== true) app.isAwaited = true; // also when one is under way that nobody asked for: its end is shown
  running ??= synchronised(quietly === true).finally(() => ((running = null), (app.isAwaited = false)));
  return running;
}

async function synchronised(quietly) {
  const bar = h("p", { class: "notice", role: "status" }, t("syncing", { n: "…", m: "…" }));
  if (!quietly) show(head(), bar);
  const key = app.key;
  let answer;
  try {
    answer = await synchronise(key, (n, m) => (bar.textContent = t("syncing", { n, m })));
  } catch (error) {
    answer = "fault";
    app.notice = () => faultWords(error);
  }
  if (answer === "erased" || answer === "ended") {
    if (answer === "ended") await store.erase();
    return farewell(answer);
  }
  if (app.key !== key) return; // locked meanwhile
  if (answer !== "ok" && (await store.meta("ended"))) Object.assign(app, { residents: [], drafts: {}, entries: await store.outbox(key) });
  app.asks = answer === "signed-out" || answer.name !== undefined;
  if (answer === "ok") {
    await load(true);
    app.notice = () => t("synced", { n: app.residents.length });
  } else if (answer.name !== undefined) {
    app.notice = () => t("other_user", answer);
  } else if (answer !== "fault") {
    app.notice = () => t(answer === "signed-out" ? "signed_out" : "offline");
  }
  if (answer !== "ok" && (await store.meta("ended"))) return endedScreen();
  if (answer !== "ok" && !quietly) return enterAgain();
  if (!quietly || app.isAwaited || !place.querySelector("form, .sheet, details[open]")) showPlace(app.trail[history.state?.depth ?? 0]); // whoever reads a record stays there
}

// After a failed try nothing may open that was shut.
async function enterAgain() {
  const limits = await rules();
  const shut = Date.now() - ((await store.meta("contact")) ?? 0) >= limits.days_without_contact * DAY;
  if (shut) return enter();
  await load();
  screen(app.mode);
}

// Idle ------------------------------------------------------------------------------------------------------------------
async function stir() {
  if (!app.key) return;
  clearTimeout(app.idle);
  const { idle_seconds } = await rules();
  app.idle = setTimeout(() => app.key && lockScreen(), idle_seconds * 1000);
}

// The second tap of a double tap belongs to what was under the finger at the first: when the screen has changed since, it must not
// open whoever now lies there.
const DOUBLE = { ms: 350, px: 24 };
let tapped = null;
addEventListener("click", (event) => {
  if (!event.detail) return; // by keyboard
  const before = tapped;
  tapped = { at: event.timeStamp, x: event.clientX, y: event.clientY, target: event.target, said: event.target.textContent };
  const isSecond = before && (event.detail > 1 || event.timeStamp - before.at < DOUBLE.ms) && Math.hypot(event.clientX - before.x, event.clientY - before.y) < DOUBLE.px;
  if (!isSecond || before.target.isConnected || before.said === tapped.said) return; // the same, or the same drawn anew
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

let hiddenAt = 0;
["pointerdown", "keydown"].forEach((name) => addEventListener(name, stir, { passive: true }));
addEventListener("online", () => (app.key ? sync(true) : mustErase()));
others.addEventListener("message", async ({ data }) => {
  if (data === "gone") return location.reload();
  if (data === "kept" && app.key && !place.querySelector("form, details[open]")) {
    await load();
    screen(app.mode);
  }
});
document.addEventListener("visibilitychange", async () => {
  if (document.hidden) {
    hiddenAt = Date.now();
    keepDrafts();
  } else if (!app.key) mustErase();
  else if (Date.now() - hiddenAt > (await rules()).idle_seconds * 1000) lockScreen();
});
setInterval(() => app.key && !app.idle && stir(), 1000);
setInterval(() => store.seeClock(), 60000);
setInterval(mustErase, 300000);

begin();
