// Making elements: text is always text, never markup. And the line of a trend.

export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// Lines of several series [[day, value], …] over one span of days, the first and last value written beside.
export function trend(series, label) {
  const points = series.flat();
  if (points.length < 2) return null;
  const days = points.map(([day]) => Date.parse(day));
  const values = points.map(([, value]) => value);
  const [first, last, low, high] = [Math.min(...days), Math.max(...days), Math.min(...values), Math.max(...values)];
  const x = (day) => 8 + (284 * (Date.parse(day) - first)) / (last - first || 1);
  const y = (value) => 84 - (68 * (value - low)) / (high - low || 1);
  const drawing = svg("svg", { viewBox: "0 0 330 100", role: "img", "aria-label": label, class: "trend" });
  for (const one of series.filter((each) => each.length)) {
    drawing.append(svg("polyline", { points: one.map(([day, value]) => `${x(day)},${y(value)}`).join(" "), class: "trend-line" }));
    for (const [day, value] of one) drawing.append(svg("circle", { cx: x(day), cy: y(value), r: 3, class: "trend-point" }));
    const [day, value] = one[one.length - 1];
    const said = svg("text", { x: x(day) + 6, y: y(value) + 4, class: "trend-text" });
    said.textContent = value;
    drawing.append(said);
  }
  return drawing;
}
