// Setting up a telephone: who is signed in registers it, and chooses the PIN that opens it.
import { newVault } from "./crypto.js";
import { h } from "./drawing.js";
import * as store from "./store.js";
import { Refused, register, session } from "./sync.js";
import { t } from "./words.js";

// `show`, `head`, `rules` of the app; `begun` is told the key that opens what will lie here.
export async function setup(on) {
  const { show, head, rules } = on;
  show(head(), h("p", { class: "card" }, t("wait_one")));
  let who;
  try {
    who = await session();
  } catch (error) {
    const said = error instanceof Refused && error.status === 401 ? t("sign_in") : t("offline");
    return show(head(), h("section", { class: "card" }, h("h2", {}, t("setup")), h("a", { class: "primary", href: "/sign-in/?next=/pocket/" }, said)));
  }
  if (!who.may_register) return show(head(), h("section", { class: "card" }, h("p", {}, t("no_place"))));
  const limits = await rules();
  const name = h("input", { name: "name", maxlength: 40, value: who.name, required: true });
  const [pin, again] = ["pin", "again"].map((id) => h("input", { name: id, type: "password", inputmode: "numeric", autocomplete: "new-password", maxlength: 20, required: true }));
  const fault = h("p", { class: "fault", role: "alert", hidden: true });
  const submit = async (event) => {
    event.preventDefault();
    const wrong = faultOfPin(pin.value, again.value, limits);
    fault.hidden = !wrong;
    fault.textContent = wrong;
    if (wrong) return;
    show(head(), h("p", { class: "card" }, t("wait_one")));
    try {
      await setUp(name.value, pin.value, who, on.begun);
    } catch (error) {
      show(head(), h("section", { class: "card" }, h("p", { class: "fault" }, error.message), h("button", { type: "button", onclick: () => setup(on) }, t("back"))));
    }
  };
  show(head(), h("form", { class: "card form", onsubmit: submit }, h("h2", {}, t("setup")), h("p", { class: "soft" }, `${who.name} · ${who.facility}`),
    h("label", {}, t("phone_name"), name), h("label", {}, t("pin"), pin, h("span", { class: "soft small" }, t("pin_help", { n: limits.pin_digits }))),
    h("label", {}, t("pin_again"), again), h("p", { class: "soft small" }, t("setup_text")), fault, h("button", { type: "submit", class: "primary" }, t("begin"))));
}

function faultOfPin(pin, again, limits) {
  if (!/^\d+$/.test(pin) || pin.length < limits.pin_digits) return t("pin_short", { n: limits.pin_digits });
  const steps = [...pin].slice(1).map((digit, index) => digit - pin[index]);
  if (new Set(steps).size === 1 && Math.abs(steps[0]) <= 1) return t("pin_easy");
  return pin === again ? "" : t("pin_differs");
}

async function setUp(name, pin, who, begun) {
  const made = await register(name.trim(), who.csrf);
  const { vault, key } = await newVault(pin, made.rules.pin_rounds);
  await store.setMeta("device", { uuid: made.uuid, key: made.key, name: made.name, facility: made.facility });
  await store.setMeta("rules", made.rules);
  await store.setMeta("tries", 0);
  await store.setMeta("vault", vault);
  navigator.storage?.persist?.();
  await begun(key);
}
