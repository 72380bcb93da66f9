// Libraries that only some pages need, fetched once when first wanted.

const fetched = new Map();

export function library(url) {
  if (!fetched.has(url)) {
    fetched.set(
      url,
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = url;
        script.onload = resolve;
        script.onerror = reject;
        document.head.append(script);
      }),
    );
  }
  return fetched.get(url);
}

export function sheet(url) {
  if (document.querySelector(`link[href="${url}"]`)) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = url;
  document.head.prepend(link);
}

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
export const data = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");

// Runs `draw` once: when the element first comes near the screen, when the page has nothing else to do, or before it is printed.
// A page kept as a picture or on paper holds what nobody scrolled to.
export function whenNear(element, draw) {
  const later = window.requestIdleCallback ?? ((run) => setTimeout(run, 500));
  const idle = () => navigator.connection?.saveData || later(once, { timeout: 2000 });
  const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && once(), {
    rootMargin: "200px",
  });
  let isDrawn = false;
  function once() {
    if (isDrawn) return;
    isDrawn = true;
    watcher.disconnect();
    window.removeEventListener("beforeprint", once);
    draw();
  }
  watcher.observe(element);
  window.addEventListener("beforeprint", once);
  if (document.readyState === "complete") idle();
  else window.addEventListener("load", idle, { once: true });
}
