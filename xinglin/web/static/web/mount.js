// Runs a setup once for each element that matches, now and after every htmx swap.

const done = new WeakMap();

export function mount(selector, setup) {
  const run = (root) => {
    const found = root.matches?.(selector) ? [root, ...root.querySelectorAll(selector)] : root.querySelectorAll(selector);
    for (const element of found) {
      const setups = done.get(element) ?? new Set();
      if (setups.has(setup)) continue;
      done.set(element, setups.add(setup));
      setup(element);
    }
  };
  run(document);
  document.addEventListener("htmx:load", (event) => run(event.detail.elt));
}

// Words of the page's language; `%(name)s`, `%(name)d` and `%(name)02d` are filled from `values`.
const words = JSON.parse(document.getElementById("script-words")?.textContent ?? "{}");

export function say(key, values = {}) {
  return (words[key] ?? key).replace(/%\((\w+)\)(0\d)?[ds]/g, (_, name, pad) =>
    String(values[name]).padStart(pad ? Number(pad) : 0, "0"),
  );
}
