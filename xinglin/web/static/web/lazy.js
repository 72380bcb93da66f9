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

// Runs `draw` when the element first comes near the screen.
export function whenNear(element, draw) {
  const watcher = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      draw();
    },
    { rootMargin: "200px" },
  );
  watcher.observe(element);
}
