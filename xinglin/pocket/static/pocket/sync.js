// Contact with the server: must this telephone erase itself; what was written down goes up; what is new comes down.
import * as store from "./store.js";

const API = "/api/v1/pocket";
const BATCH = 50;
const PAGE = 250;
const PATIENCE = 60000; // ms: a line that says nothing for so long is none

export class Refused extends Error {
  constructor(status, body) {
    super(body.message ?? "");
    Object.assign(this, { status, code: body.code ?? "" });
  }
}

async function ask(address, options = {}) {
  const response = await fetch(address, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE), ...options });
  if (response.status === 304) return { response, body: null };
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body);
  return { response, body };
}

async function post(address, content, headers = {}) {
  const { body } = await ask(address, {
    method: "POST", body: JSON.stringify(content), headers: { "Content-Type": "application/json", ...headers },
  });
  return body;
}

export const session = async () => (await ask("/pocket/session/")).body;

export async function register(name, csrf) {
  return post(`${API}/devices`, { name }, { "X-CSRFToken": csrf, "Idempotency-Key": crypto.randomUUID() });
}

// "ok", "erase", "ended" …; also answered when nobody is signed in.
export async function contact(device, said = {}) {
  const { state, at } = await post("/pocket/contact/", { device: device.uuid, key: device.key, ...said });
  if (state !== "erase" && state !== "erased") await store.setMeta("skew", Date.now() - Date.parse(at));
  return state;
}

const OUTCOMES = { done: "done", again: "done", review: "review", refused: "refused" };

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
        return verdict ? { ...each, state: OUTCOMES[verdict.outcome], code: verdict.code, message: verdict.message, words: verdict.words, told: verdict.told } : each;
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
    state = await contact(device);
    if (state === "erase" || state === "erased") {
      await store.erase({ erased: true });
      if (state === "erase") await contact(device, { erased: true });
      return "erased";
    }
    if (state === "ended") return "ended";
    who = await session();
    await push(key, device, who.csrf);
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
