// Contact with the server: must this telephone erase itself; what was written down goes up; what is new comes down.
import * as store from "./store.js";

const API = "/api/v1/pocket";
const BATCH = 50;
const PAGE = 250;
const PATIENCE = 60000; // ms: a line that says nothing for so long is none
export const BRIEF = 4000; // ms: so long somebody who wants to open it is kept waiting

export class Refused extends Error {
  constructor(status, body) {
    super(body.message ?? "");
    Object.assign(this, { status, code: body.code ?? "" });
  }
}

async function ask(address, options = {}, patience = PATIENCE) {
  const response = await fetch(address, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(patience), ...options });
  if (response.status === 304) return { response, body: null };
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body);
  return { response, body };
}

async function post(address, content, headers = {}, patience = PATIENCE) {
  const options = { method: "POST", body: JSON.stringify(content), headers: { "Content-Type": "application/json", ...headers } };
  const { body } = await ask(address, options, patience);
  return body;
}

export const session = async () => (await ask("/pocket/session/")).body;

export async function register(name, csrf) {
  return post(`${API}/devices`, { name }, { "X-CSRFToken": csrf, "Idempotency-Key": crypto.randomUUID() });
}

// "ok", "erase", "ended" …; also answered when nobody is signed in.
export async function contact(device, said = {}, patience = PATIENCE) {
  const { state, at } = await post("/pocket/contact/", { device: device.uuid, key: device.key, ...said }, {}, patience);
  if (state !== "erase" && state !== "erased") await store.setMeta("skew", Date.now() - Date.parse(at));
  return state;
}

const OUTCOMES = { done: "done", again: "done", review: "review", refused: "refused" };

// The clock was set back since the last contact: nobody knows of which day is what was noted in between.
async function markDoubtful(key) {
  if (!(await store.meta("doubtful"))) return;
  const waiting = (await store.outbox(key)).filter((each) => each.state === "waiting");
  await store.keep(key, waiting.map((each) => ({ ...each, change: { ...each.change, is_clock_doubtful: true } })));
  await store.setMeta("doubtful", false);
}

// Send what waits, in its order; what the answer says is kept before the next batch goes. A cut anywhere only means: again.
export async function push(key, device, csrf) {
  const waiting = (await store.outbox(key)).filter((each) => each.state === "waiting");
  for (let start = 0; start < waiting.length; start += BATCH) {
    const batch = waiting.slice(start, start + BATCH);
    const content = { device: device.uuid, sent_at: new Date().toISOString(), changes: batch.map((each) => each.change) };
    const answer = await post(`${API}/changes`, content, { "X-CSRFToken": csrf });
    const told = new Map(answer.verdicts.map((each) => [each.client_id, each]));
    await store.keep(
      key,
      batch.map((each) => {
        const verdict = told.get(each.change.client_id);
        return verdict ? { ...each, at: Date.now(), state: OUTCOMES[verdict.outcome], code: verdict.code, message: verdict.message, words: verdict.words, told: verdict.told } : each;
      }),
    );
  }
}

// Fetch the feed page by page from where it was cut; `progress(n, m)` after each.
export async function pull(key, device, progress) {
  for (;;) {
    const after = (await store.meta("upto")) ?? 0;
    const { body: page } = await ask(`${API}/panel?device=${device.uuid}&after=${after}&limit=${PAGE}`);
    if (page.restart) {
      await store.forgetPanel();
      continue;
    }
    await store.takePage(key, page);
    progress(page.n_carried - page.n_left, page.n_carried);
    await store.setMeta("rules", page.rules);
    if (page.n_left === 0) {
      await settle(key, page.settled);
      await store.setCalled(key, page.called ?? {});
      await store.setMeta("leftOut", page.n_left_out);
      return;
    }
  }
}

async function settle(key, settled) {
  const told = new Map(settled.map((each) => [each.client_id, each]));
  const changed = (await store.outbox(key))
    .filter((each) => each.state === "review" && told.has(each.change.client_id))
    .map((each) => [each, told.get(each.change.client_id)])
    .map(([each, verdict]) => ({ ...each, state: OUTCOMES[verdict.outcome], message: verdict.message, words: verdict.words }));
  if (changed.length) await store.keep(key, changed);
}

export async function fetchDefinitions(key, device) {
  const tag = await store.meta("tag");
  const { response, body } = await ask(`${API}/definitions?device=${device.uuid}`, { headers: tag ? { "If-None-Match": tag } : {} });
  if (body !== null) await store.setDefinitions(key, body, response.headers.get("ETag"));
}

// Must it be erased? Asked with nothing opened, also while it is locked: answers "erased", "ended" when everything is gone, "" otherwise.
// What a telephone that was laid down has not sent stays until it is unlocked. Whoever synchronises just now asks himself.
export function mustErase() {
  const options = { ifAvailable: true };
  return navigator.locks ? navigator.locks.request("pocket-sync", options, (lock) => (lock ? asked() : "")) : asked();
}

async function asked() {
  const device = await store.meta("device");
  if (!device || !navigator.onLine) return "";
  await store.seeClock();
  const state = await contact(device, {}, BRIEF).catch(() => "");
  if (state === "erase" || state === "erased") return eraseAs(device, state);
  if (state !== "ended") return "";
  if (await store.nSealed()) await store.layDown();
  else await store.erase();
  return (await store.meta("ended")) ? "" : "ended";
}

// Also when it is said to be erased and is not: a copy that was restored.
async function eraseAs(device, state) {
  await store.erase({ erased: true });
  if (state === "erase") await contact(device, { erased: true }, BRIEF).catch(() => {}); // gone is gone, also when the answer is lost
  return "erased";
}

// The whole of it, in one tab at a time. Answers "ok", "erased", "ended", "signed-out", "offline", or {name} of somebody else who is
// signed in.
export function synchronise(key, progress) {
  return navigator.locks ? navigator.locks.request("pocket-sync", () => inContact(key, progress)) : inContact(key, progress);
}

async function inContact(key, progress = () => {}) {
  const device = await store.meta("device");
  if (!device) return "ended"; // another tab erased it
  let [state, who] = ["", null];
  try {
    await store.seeClock();
    state = await contact(device);
    if (state === "erase" || state === "erased") return eraseAs(device, state);
    if (state === "ended") await store.layDown();
    await markDoubtful(key);
    if (state === "ended" && !(await store.outbox(key)).some((each) => each.state === "waiting")) return "ended"; // nobody need sign in
    who = await session();
    await push(key, device, who.csrf);
    if (state === "ended") return "ended";
    await fetchDefinitions(key, device);
    await pull(key, device, progress);
    await push(key, device, who.csrf);
    await store.setMeta("contact", Date.now());
    return "ok";
  } catch (error) {
    if (error instanceof Refused) {
      if (error.code === "device-wiped") return inContact(key, progress);
      if (error.status === 401) return "signed-out";
      if (error.status === 404 && who) return { name: who.name };
      throw error;
    }
    if (error.name === "QuotaExceededError") throw error;
    return "offline";
  }
}
