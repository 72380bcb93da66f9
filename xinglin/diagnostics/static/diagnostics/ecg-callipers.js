// Two vertical and two horizontal lines over the sheet. Each is a slider: dragged with mouse or finger, moved with keys.
// Positions are millimetres on the sheet.

import { make } from "./ecg-pieces.js";
import { LEFT } from "./ecg-trace.js";

const STEP = 0.1; // mm; 4 ms at 25 mm/s, 0.01 mV at 10 mm/mV
const BIG_STEP = 1;

export class Callipers {
  /** `host` tells scale (px per mm), speed, gain and sheet; `changed` is called after each move. */
  constructor(layer, words, host, changed) {
    Object.assign(this, { layer, words, host, changed, shown: false });
    this.band = layer.appendChild(make("div", "ecg-band"));
    this.lines = [this.line("x", 1), this.line("x", 2), this.line("y", 1), this.line("y", 2)];
    this.labels = { x: this.band.appendChild(make("span", "ecg-label")), y: this.lines[3].element.appendChild(make("span", "ecg-label")) };
    this.active = { x: this.lines[1], y: this.lines[3] };
    this.hide();
  }

  line(axis, index) {
    const element = this.layer.appendChild(make("div", `ecg-line ecg-line-${axis}`));
    element.tabIndex = 0;
    element.setAttribute("role", "slider");
    element.setAttribute("aria-orientation", axis === "x" ? "horizontal" : "vertical");
    element.setAttribute("aria-label", axis === "x" ? this.words.time(index) : this.words.voltage(index));
    const line = { axis, element, at: 0 };
    element.addEventListener("pointerdown", (event) => this.grab(event, line));
    element.addEventListener("focus", () => (this.active[axis] = line));
    return line;
  }

  grab(event, line) {
    if (event.button) return;
    event.preventDefault();
    line.element.focus({ preventScroll: true });
    line.element.setPointerCapture(event.pointerId);
    const begin = line.axis === "x" ? event.clientX : event.clientY;
    const from = line.at;
    const move = (now) => this.put(line, from + ((line.axis === "x" ? now.clientX : now.clientY) - begin) / this.host.scale);
    const drop = () => {
      line.element.removeEventListener("pointermove", move);
      line.element.removeEventListener("pointerup", drop);
      line.element.removeEventListener("pointercancel", drop);
    };
    line.element.addEventListener("pointermove", move);
    line.element.addEventListener("pointerup", drop);
    line.element.addEventListener("pointercancel", drop);
  }

  /** Move the active line of an axis by keys; false when the key is not ours. */
  key(event) {
    const moves = { ArrowLeft: ["x", -1], ArrowRight: ["x", 1], ArrowUp: ["y", -1], ArrowDown: ["y", 1] };
    const [axis, sign] = moves[event.key] ?? [];
    if (!axis || !this.shown) return false;
    const line = this.active[axis];
    this.put(line, line.at + sign * (event.shiftKey ? BIG_STEP : STEP));
    return true;
  }

  put(line, at) {
    const { sheet } = this.host;
    line.at = Math.min(Math.max(at, line.axis === "x" ? LEFT : 0), line.axis === "x" ? sheet.width : sheet.height);
    this.place();
    this.changed();
  }

  /** Show them inside the window given in mm. */
  show(left, top, width, height) {
    const middle = Math.max(left + width / 2, LEFT + 10);
    const spread = Math.min(width / 6, 10);
    const [x1, x2, y1, y2] = this.lines;
    Object.assign(this, { shown: true });
    x1.at = middle - spread;
    x2.at = middle + spread;
    y1.at = top + height / 2 - 5;
    y2.at = top + height / 2 + 5;
    for (const line of this.lines) line.element.hidden = false;
    this.band.hidden = false;
    this.place();
    this.changed();
  }

  hide() {
    this.shown = false;
    for (const line of this.lines) line.element.hidden = true;
    this.band.hidden = true;
    this.changed?.();
  }

  /** Speed or layout changed: time lines keep their moment, all stay on the sheet. */
  rescale(ratio) {
    for (const line of this.lines) {
      const at = line.axis === "x" ? LEFT + (line.at - LEFT) * ratio : line.at;
      line.at = Math.min(at, line.axis === "x" ? this.host.sheet.width : this.host.sheet.height);
    }
    this.place();
  }

  /** Write the interval over the band and the amplitude on the second horizontal line. */
  label(time, voltage) {
    this.labels.x.textContent = time;
    this.labels.y.textContent = voltage;
  }

  place() {
    const { scale, sheet, speed, gain } = this.host;
    const [x1, x2] = this.lines;
    this.band.style.transform = `translateX(${Math.min(x1.at, x2.at) * scale}px)`;
    this.band.style.width = `${Math.abs(x2.at - x1.at) * scale}px`;
    for (const { axis, element, at } of this.lines) {
      element.style.transform = axis === "x" ? `translateX(${at * scale}px)` : `translateY(${at * scale}px)`;
      const [value, unit] = axis === "x" ? [(at - LEFT) / speed, "s"] : [(sheet.height - at) / gain, "mV"];
      element.setAttribute("aria-valuemin", "0");
      element.setAttribute("aria-valuemax", ((axis === "x" ? sheet.width - LEFT : sheet.height) / (axis === "x" ? speed : gain)).toFixed(2));
      element.setAttribute("aria-valuenow", value.toFixed(3));
      element.setAttribute("aria-valuetext", `${value.toFixed(3)} ${unit}`);
    }
  }

  /** Milliseconds, beats per minute (null when too close) and millivolt between the lines. */
  get reading() {
    const [x1, x2, y1, y2] = this.lines;
    const ms = (Math.abs(x2.at - x1.at) / this.host.speed) * 1000;
    return { ms: Math.round(ms), bpm: ms >= 100 ? Math.round(60000 / ms) : null, mv: (Math.abs(y2.at - y1.at) / this.host.gain).toFixed(2) };
  }
}
