// <ecg-viewer src="trace.json" layout="3x4+1">: a recording on paper true to scale, on a canvas.
//
// Attributes: src (JSON of the server), layout ("3x4+1", "6x2", "12x1"). Events: "ecg-loaded", "ecg-failed".
// The canvas is as big as the window on the sheet and is drawn anew when the sheet scrolls: sharp at every zoom,
// and panning is the browser's own scrolling, by wheel, finger or keys.

import { Callipers } from "./ecg-callipers.js";
import { button, make } from "./ecg-pieces.js";
import { listenToPointers } from "./ecg-pointers.js";
import { askCalibration, CSS_PX_PER_MM, storedCalibration } from "./ecg-screen.js";
import { decode, draw, LAYOUTS, LEFT, plan, stripAt, WINDOW_S } from "./ecg-trace.js";
import { words } from "./ecg-words.js";

const SPEEDS = [25, 50];
const GAINS = [5, 10, 20];
const [MIN_ZOOM, MAX_ZOOM] = [0.25, 6];

class EcgViewer extends HTMLElement {
  static observedAttributes = ["src"];

  connectedCallback() {
    this.words = words();
    this.state = { layout: LAYOUTS.includes(this.getAttribute("layout")) ? this.getAttribute("layout") : LAYOUTS[0], lead: "", speed: 25, gain: 10, start: 0 };
    this.calibration = storedCalibration();
    this.leaving = new AbortController();
    this.load();
  }

  disconnectedCallback() {
    this.leaving?.abort();
    this.observer?.disconnect();
  }

  attributeChangedCallback(name, was, is) {
    if (this.isConnected && this.leaving && was !== is) this.load();
  }

  async load() {
    const source = this.getAttribute("src");
    this.observer?.disconnect();
    if (!source) return this.say(this.words.empty);
    this.say(this.words.loading, { busy: true });
    try {
      const answer = await fetch(source, { credentials: "same-origin", headers: { Accept: "application/json" }, signal: this.leaving.signal });
      if (!answer.ok) return this.fail([401, 403, 404].includes(answer.status) ? this.words.denied : this.words.failed);
      const payload = await answer.json();
      if (!payload.leads?.length) return this.say(this.words.empty);
      try {
        this.recording = decode(payload);
      } catch {
        return this.fail(this.words.damaged);
      }
      this.build();
      this.dispatchEvent(new CustomEvent("ecg-loaded", { bubbles: true }));
    } catch (fault) {
      if (fault.name !== "AbortError") this.fail(fault instanceof SyntaxError ? this.words.damaged : this.words.failed);
    }
  }

  say(text, { busy = false } = {}) {
    const note = make("p", busy ? "ecg-note ecg-busy" : "ecg-note", text);
    note.setAttribute("role", "status");
    this.replaceChildren(note);
  }

  fail(text) {
    const note = make("div", "ecg-note ecg-failed");
    note.setAttribute("role", "alert");
    note.append(make("p", "", text), button(this.words.retry, () => this.load()));
    this.replaceChildren(note);
    this.dispatchEvent(new CustomEvent("ecg-failed", { bubbles: true }));
  }

  build() {
    const { recording } = this;
    this.stage = make("div", "ecg-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "region");
    this.stage.setAttribute("aria-label", this.words.sheet);
    this.sizer = this.stage.appendChild(make("div", "ecg-sizer"));
    this.canvas = this.sizer.appendChild(make("canvas", "ecg-canvas"));
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", this.words.picture(recording.leads.length, round(recording.duration_s)));
    this.readout = make("output", "ecg-readout");
    this.spoken = make("p", "ecg-spoken");
    this.spoken.setAttribute("aria-live", "polite");
    this.facts = make("p");
    this.help = this.buildHelp();
    this.replaceChildren(this.buildToolbar(), ...this.buildFindings(), this.stage, this.readout, this.buildFoot(), this.help, this.spoken);
    this.scale = 1;
    this.refresh({ plan: true });
    this.callipers = new Callipers(this.sizer, this.words, this.geometry(), () => this.showReading());
    const narrow = this.stage.clientWidth < 560;
    this.zoomTo(narrow ? 0.8 : Math.min(this.fitZoom(), 1.6));
    this.fitted = !narrow;
    this.listen();
  }

  geometry() {
    const viewer = this;
    return {
      get scale() { return viewer.scale; },
      get sheet() { return viewer.sheet; },
      get speed() { return viewer.state.speed; },
      get gain() { return viewer.state.gain; },
    };
  }

  buildToolbar() {
    const { words: say, recording } = this;
    const bar = make("div", "ecg-toolbar");
    bar.setAttribute("role", "toolbar");
    const choice = (label, values, key) => {
      const field = make("label", "ecg-choice");
      field.append(make("span", "", label));
      const select = field.appendChild(make("select"));
      for (const [value, text] of values) select.add(new Option(text, value));
      select.addEventListener("change", () => this.set({ [key]: typeof this.state[key] === "number" ? Number(select.value) : select.value }));
      this.choices[key] = select;
      return field;
    };
    this.choices = {};
    this.calliperButton = button(say.callipers, () => this.toggleCallipers());
    this.zoomLabel = make("span", "ecg-zoom");
    const zoom = make("div", "ecg-group");
    zoom.append(
      button("−", () => this.zoomTo(this.zoom / 1.25), say.zoomOut), this.zoomLabel, button("+", () => this.zoomTo(this.zoom * 1.25), say.zoomIn),
      button(say.fit, () => this.fit()), button(say.actual, () => this.zoomTo(1), say.actualTitle),
    );
    bar.append(
      choice(say.layout, LAYOUTS.map((name) => [name, name.replace("x", "×")]), "layout"),
      choice(say.speed, SPEEDS.map((value) => [value, `${value} mm/s`]), "speed"),
      choice(say.gain, GAINS.map((value) => [value, `${value} mm/mV`]), "gain"),
      choice(say.lead, [["", say.allLeads], ...recording.leads.map(({ name }) => [name, name])], "lead"), zoom, this.calliperButton,
    );
    if (recording.duration_s > WINDOW_S + 0.5) {
      const pages = make("div", "ecg-group");
      pages.append(button("‹", () => this.turn(-1), say.earlier), button("›", () => this.turn(1), say.later));
      bar.append(pages);
    }
    return bar;
  }

  buildFindings() {
    const { recording, words: say } = this;
    const english = say.rate === "bpm";
    const found = [];
    if (recording.measurements.length) {
      const list = make("dl", "ecg-measured");
      list.setAttribute("aria-label", say.measured);
      for (const each of recording.measurements) {
        const pair = make("div");
        const unit = each.unit === "bpm" ? say.rate : each.unit;
        pair.append(make("dt", "", english ? each.name_en : each.name_zh), make("dd", "", `${each.unit === "bpm" ? Math.round(each.value) : round(each.value)}${unit === "°" ? "" : " "}${unit}`));
        if (each.derived) pair.title = say.derived;
        list.append(pair);
      }
      found.push(list);
    }
    if (recording.statements.length) {
      const said = make("p", "ecg-statements");
      said.append(make("span", "", say.statement), make("q", "", recording.statements.join(" · ")));
      found.push(said);
    }
    for (const { message } of recording.warnings) found.push(make("p", "ecg-warning", message));
    return found;
  }

  /** What is shown and how, and what is rarely needed. */
  buildFoot() {
    const foot = make("div", "ecg-foot");
    const keys = button(this.words.shortcuts, () => (this.help.hidden = !this.help.hidden));
    keys.classList.add("ecg-keys");
    foot.append(this.facts, button(this.words.calibrate, () => askCalibration(this, this.words)), keys);
    return foot;
  }

  buildHelp() {
    const list = make("dl", "ecg-help");
    list.hidden = true;
    for (const [keys, meaning] of this.words.help) {
      const pair = make("div");
      pair.append(make("dt", "", keys), make("dd", "", meaning));
      list.append(pair);
    }
    return list;
  }

  listen() {
    const { signal } = this.leaving;
    this.stage.addEventListener("scroll", () => this.paintSoon(), { passive: true });
    listenToPointers(this);
    if (!this.keyed) this.addEventListener("keydown", (event) => this.key(event));
    this.keyed = true;
    this.observer = new ResizeObserver(() => this.printing || (this.fitted ? this.fit() : this.refresh()));
    this.observer.observe(this);
    for (const event of ["beforeprint", "afterprint"]) {
      window.addEventListener(event, () => {
        this.printing = event === "beforeprint";
        this.refresh();
      }, { signal });
    }
  }

  set(change) {
    const was = this.state;
    this.state = { ...was, ...change };
    if ("layout" in change) this.state.lead = "";
    const faster = this.state.speed / was.speed;
    const left = this.stage.scrollLeft / this.scale;
    this.refresh({ plan: true });
    this.callipers.rescale(faster);
    if (Boolean(was.lead) !== Boolean(this.state.lead)) this.enlarge(Boolean(this.state.lead));
    else if (faster !== 1) this.keepLeft(LEFT + (left - LEFT) * faster);
    else if (this.fitted) this.fit();
    if ("lead" in change || "layout" in change) {
      this.stage.scrollTop = 0;
      if (this.callipers.shown) this.placeCallipers();
    }
    this.showReading();
  }

  /** One lead alone is shown nearly twice as big; going back restores what was. */
  enlarge(one) {
    if (one) this.before = { zoom: this.zoom, fitted: this.fitted };
    const { zoom, fitted } = this.before;
    this.zoomTo(one ? zoom * 1.8 : zoom, 0);
    this.fitted = !one && fitted;
    if (this.fitted) this.fit();
    this.stage.scrollLeft = 0;
  }

  keepLeft(mm) {
    this.fitted = false;
    this.stage.scrollLeft = Math.max(0, mm) * this.scale;
    this.paint();
  }

  turn(direction) {
    const most = Math.max(0, this.recording.duration_s - WINDOW_S);
    this.set({ start: Math.min(Math.max(this.state.start + direction * WINDOW_S, 0), most) });
  }

  fitZoom() {
    return (this.stage.clientWidth - 1) / (this.sheet.width * CSS_PX_PER_MM * this.calibration);
  }

  fit() {
    this.zoomTo(this.fitZoom());
    this.fitted = true;
  }

  /** Zoom, keeping the point of the sheet under (x, y) of the stage where it is. */
  zoomTo(zoom, x = this.stage.clientWidth / 2, y = this.stage.clientHeight / 2) {
    const was = this.scale;
    const [atX, atY] = [(this.stage.scrollLeft + x) / was, (this.stage.scrollTop + y) / was];
    this.zoom = Math.min(Math.max(zoom, MIN_ZOOM), MAX_ZOOM);
    this.fitted = false;
    this.refresh();
    this.stage.scrollLeft = atX * this.scale - x;
    this.stage.scrollTop = atY * this.scale - y;
    this.paint();
  }

  /** Size everything anew and paint. In print the whole sheet is painted once, at true size. */
  refresh({ plan: anew = false } = {}) {
    const print = this.printing ?? false;
    if (anew) this.sheet = plan(this.recording, this.state);
    this.scale = CSS_PX_PER_MM * (print ? 1 : this.calibration * (this.zoom ?? 1));
    const [width, height] = [this.sheet.width * this.scale, this.sheet.height * this.scale];
    this.classList.toggle("ecg-printing", print);
    Object.assign(this.sizer.style, { width: `${width}px`, height: `${height}px` });
    this.stage.style.height = print ? "auto" : `${Math.min(Math.ceil(height), Math.max(320, window.innerHeight * 0.8)) + edges(this.stage)}px`;
    this.viewport = print ? [width, height] : [Math.min(this.stage.clientWidth, width), Math.min(this.stage.clientHeight, height)];
    this.ratio = print ? 3 : window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.viewport[0] * this.ratio);
    this.canvas.height = Math.round(this.viewport[1] * this.ratio);
    Object.assign(this.canvas.style, { width: `${this.viewport[0]}px`, height: `${this.viewport[1]}px` });
    for (const [key, select] of Object.entries(this.choices)) select.value = String(this.state[key]);
    this.zoomLabel.textContent = `${Math.round((this.zoom ?? 1) * 100)}%`;
    this.callipers?.place();
    this.facts.textContent = this.footText();
    this.paint();
  }

  /** The screen was measured: show everything at its new size. */
  recalibrated(value) {
    this.calibration = value;
    if (this.fitted) this.fit();
    else this.refresh();
  }

  paint() {
    const [left, top] = this.printing ? [0, 0] : [this.stage.scrollLeft, this.stage.scrollTop];
    const { speed, gain } = this.state;
    draw(this.canvas, this.recording, this.sheet, { scale: this.scale, ratio: this.ratio, left, top, speed, gain });
  }

  paintSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.paint();
    });
  }

  footText() {
    const { filters, duration_s: whole, device } = this.recording;
    const { speed, gain, start } = this.state;
    const parts = [`${speed} mm/s`, `${gain} mm/mV`];
    if (filters.high_pass_hz || filters.low_pass_hz) parts.push(`${filters.high_pass_hz ?? ""}–${filters.low_pass_hz ?? ""} Hz`);
    if (filters.notch_hz) parts.push(`AC ${filters.notch_hz} Hz`);
    parts.push(`${round(start)}–${round(Math.min(start + WINDOW_S, whole))} s / ${round(whole)} s`);
    if (device) parts.push(device);
    return [...parts, this.words.scaleNote].join("  ·  ");
  }

  toggleCallipers() {
    if (this.callipers.shown) {
      this.callipers.hide();
    } else {
      this.placeCallipers();
      this.callipers.active.x.element.focus({ preventScroll: true });
    }
    this.calliperButton.setAttribute("aria-pressed", String(this.callipers.shown));
  }

  placeCallipers() {
    const { stage, scale, viewport } = this;
    this.callipers.show(stage.scrollLeft / scale, stage.scrollTop / scale, viewport[0] / scale, viewport[1] / scale);
  }

  showReading() {
    const shown = this.callipers?.shown ?? false;
    this.readout.hidden = !shown;
    clearTimeout(this.speaking);
    if (!shown) return;
    const { ms, bpm, mv } = this.callipers.reading;
    const { words: say } = this;
    this.callipers.label(bpm ? `${ms} ms · ${bpm} ${say.rate}` : `${ms} ms`, `${mv} mV`);
    this.readout.replaceChildren(
      make("span", "", say.interval), make("b", "", `${ms} ms`), make("b", "", bpm ? `${bpm} ${say.rate}` : "–"),
      make("span", "", say.amplitude), make("b", "", `${mv} mV`),
    );
    this.speaking = setTimeout(() => (this.spoken.textContent = say.between(ms, bpm, mv)), 300);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input, dialog")) return;
    const { state } = this;
    const gain = (step) => this.set({ gain: GAINS[Math.min(Math.max(GAINS.indexOf(state.gain) + step, 0), GAINS.length - 1)] });
    const names = ["", ...this.recording.leads.map(({ name }) => name)];
    const acts = {
      1: () => this.set({ layout: LAYOUTS[0] }), 2: () => this.set({ layout: LAYOUTS[1] }), 3: () => this.set({ layout: LAYOUTS[2] }),
      "+": () => gain(1), "=": () => gain(1), "-": () => gain(-1), "0": () => this.fit(), c: () => this.toggleCallipers(),
      s: () => this.set({ speed: SPEEDS[(SPEEDS.indexOf(state.speed) + 1) % SPEEDS.length] }),
      "[": () => this.zoomTo(this.zoom / 1.25), "]": () => this.zoomTo(this.zoom * 1.25),
      l: () => this.set({ lead: names[(names.indexOf(state.lead) + 1) % names.length] }), Escape: () => state.lead && this.set({ lead: "" }),
      PageUp: () => this.turn(-1), PageDown: () => this.turn(1), "?": () => (this.help.hidden = !this.help.hidden),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) act();
    if (act || this.callipers.key(event)) event.preventDefault();
  }

  /** A click enlarges the lead under it, or goes back to all. */
  choose(event) {
    const box = this.sizer.getBoundingClientRect();
    const strip = stripAt(this.sheet, (event.clientX - box.left) / this.scale, (event.clientY - box.top) / this.scale);
    if (this.state.lead) this.set({ lead: "" });
    else if (strip) this.set({ lead: strip.name });
  }
}

function round(value) {
  return Math.round(value * 10) / 10;
}

/** Height of the borders and of a scroll bar. */
function edges(stage) {
  return stage.offsetHeight - stage.clientHeight;
}

if (!customElements.get("ecg-viewer")) customElements.define("ecg-viewer", EcgViewer);
