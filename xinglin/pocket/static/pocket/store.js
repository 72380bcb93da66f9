// What lies on the telephone, in IndexedDB. Of people only sealed records; beside them the feed's place, and what to keep to.
import { open, seal } from "./crypto.js";

const NAME = "xinglin-pocket";
const STORES = ["meta", "residents", "outbox", "definitions"];
let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => STORES.forEach((name) => request.result.createObjectStore(name));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

const answer = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

// Write in one transaction: all of it or nothing, also when the telephone dies in between.
async function write(stores, act) {
  const transaction = (await database()).transaction(stores, "readwrite", { durability: "strict" });
  act((name) => transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

async function read(store, act) {
  return answer(act((await database()).transaction(store).objectStore(store)));
}

async function all(store) {
  const [keys, values] = await Promise.all([read(store, (s) => s.getAllKeys()), read(store, (s) => s.getAll())]);
  return keys.map((key, index) => [key, values[index]]);
}

export const meta = (name) => read("meta", (store) => store.get(name));
export const setMeta = (name, value) => write(["meta"], (store) => store("meta").put(value, name));

export async function residents(key) {
  const rows = await all("residents");
  return Promise.all(rows.map(([uuid, sealed]) => open(key, `resident ${uuid}`, sealed)));
}

// A page of the feed and the place where to go on, together.
export async function takePage(key, page) {
  const sealed = await Promise.all(
    page.entries.map(async ([revision, resident]) => [resident.uuid, await seal(key, `resident ${resident.uuid}`, { ...resident, revision })]),
  );
  await write(["residents", "meta"], (store) => {
    for (const [uuid, value] of sealed) store("residents").put(value, uuid);
    for (const [, uuid] of page.left) store("residents").delete(uuid);
    store("meta").put(page.upto, "upto");
  });
}

export const forgetPanel = () =>
  write(["residents", "meta"], (store) => {
    store("residents").clear();
    store("meta").put(0, "upto");
  });

// The owner laid it down elsewhere: of residents nothing stays; what was not sent does, as it lies here, until it is.
export const layDown = () =>
  write(["residents", "definitions", "meta"], (store) => {
    for (const name of ["residents", "definitions"]) store(name).clear();
    for (const [name, value] of [["ended", true], ["upto", 0]]) store("meta").put(value, name);
    store("meta").delete("tag");
  });

// The telephone's clock goes forward. Where it does not, it was set back: what was noted before, or is from now on, may be of a wrong day.
const BACK = 300000;
export async function seeClock(now = Date.now()) {
  const seen = (await meta("clock")) ?? now;
  const isBack = now < seen - BACK;
  await write(["meta"], (store) => {
    store("meta").put(isBack ? now : Math.max(now, seen), "clock");
    if (isBack) store("meta").put(true, "doubtful");
  });
}

export async function definitions(key) {
  const sealed = await read("definitions", (store) => store.get("current"));
  return sealed ? open(key, "definitions", sealed) : null;
}

// Who of the panel was spoken to this week, and by whom; by resident.
export async function called(key) {
  const sealed = await read("definitions", (store) => store.get("called"));
  return sealed ? open(key, "called", sealed) : {};
}

export async function setCalled(key, value) {
  const sealed = await seal(key, "called", value);
  await write(["definitions"], (store) => store("definitions").put(sealed, "called"));
}

// Forms that were begun and not kept, by resident.
export async function drafts(key) {
  const sealed = await read("definitions", (store) => store.get("drafts"));
  return sealed ? open(key, "drafts", sealed) : {};
}

export async function setDrafts(key, value) {
  const sealed = await seal(key, "drafts", value);
  await write(["definitions"], (store) => store("definitions").put(sealed, "drafts"));
}

export async function setDefinitions(key, value, tag) {
  const sealed = await seal(key, "definitions", value);
  await write(["definitions", "meta"], (store) => {
    store("definitions").put(sealed, "current");
    store("meta").put(tag, "tag");
  });
}

// The outbox: {change, state: waiting | done | review | refused, message, at, name, seen}. Sealed like everything else.
export async function outbox(key) {
  const rows = await all("outbox");
  const found = await Promise.all(rows.map(([id, sealed]) => open(key, `change ${id}`, sealed)));
  return found.sort((a, b) => (a.change.happened_at < b.change.happened_at ? -1 : 1));
}

export async function keep(key, entries) {
  const sealed = await Promise.all(entries.map(async (each) => [each.change.client_id, await seal(key, `change ${each.change.client_id}`, each)]));
  await write(["outbox"], (store) => {
    for (const [id, value] of sealed) store("outbox").put(value, id);
  });
}

export const forget = (ids) => write(["outbox"], (store) => ids.forEach((id) => store("outbox").delete(id)));
export const nSealed = async () => (await read("outbox", (store) => store.getAllKeys())).length;

// Everything goes, the wrapped key first: without it the rest is noise already.
export async function erase(keepMeta = {}) {
  await write(STORES, (store) => {
    STORES.forEach((name) => store(name).clear());
    for (const [name, value] of Object.entries(keepMeta)) store("meta").put(value, name);
  });
}

export async function room() {
  const found = (await navigator.storage?.estimate?.()) ?? {};
  return { used: found.usage ?? 0, quota: found.quota ?? 0, lasting: (await navigator.storage?.persisted?.()) ?? false };
}
