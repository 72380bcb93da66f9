// The trace itself: decode what the server sends, lay leads out on a sheet in millimetres, draw a window of it.
// No element and no state in here; ecg-viewer.js is the element.

export const STANDARD = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];
export const LAYOUTS = ["3x4+1", "6x2", "12x1"];
export const WINDOW_S = 10; // seconds on one sheet
const ENOUGH_S = 0.5; // seconds a recording may lack of a full sheet
export const MARGIN = 5;
export const PULSE = 10;
export const LEFT = MARGIN + PULSE; // where time begins; a multiple of 5, so on a bold line

const COLUMNS = { "3x4+1": 4, "6x2": 2, "12x1": 1 };
const ROW_HEIGHT = { "3x4+1": 30, "6x2": 25, "12x1": 15 };
const ROW_HEIGHT_ONE = 60;
const MISSING = -32768;
const INK = "#1b1f2a";
const PAPER = "#fffaf7";
const FINE = "#f8dcd5";
const BOLD = "#eba99e";

/** The recording with samples in millivolt (missing ones NaN), each lead with the median that goes on its baseline. */
export function decode(payload) {
  const leads = payload.leads.map(({ name, samples }) => {
    const bytes = Uint8Array.from(atob(samples), (character) => character.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    const mv = new Float32Array(bytes.length >> 1);
    for (let i = 0; i < mv.length; i++) {
      const value = view.getInt16(2 * i, true);
      mv[i] = value === MISSING ? NaN : (value * payload.uv_per_unit) / 1000;
    }
    return { name, mv, median: median(mv) };
  });
  return { ...payload, leads };
}

function median(mv) {
  const known = mv.filter((value) => !Number.isNaN(value)).sort();
  const middle = known.length >> 1;
  if (!known.length) return 0;
  return known.length % 2 ? known[middle] : (known[middle - 1] + known[middle]) / 2;
}

/** Where each strip stands on the sheet: x, y (baseline), width and height in mm, start in seconds. */
export function plan(recording, { layout, lead, speed, start }) {
  const named = new Map(recording.leads.map((each) => [each.name, each]));
  const nStandard = STANDARD.filter((name) => named.has(name)).length;
  const extra = recording.leads.length > nStandard;
  let columns = 1;
  let names = extra ? [...named.keys()] : STANDARD.filter((name) => named.has(name));
  let rowHeight = names.length <= 6 ? 30 : names.length <= 12 ? ROW_HEIGHT["12x1"] : 12;
  if (lead) {
    names = [lead];
    rowHeight = ROW_HEIGHT_ONE;
  } else if (layout !== "12x1" && nStandard >= STANDARD.length / 2) {
    columns = COLUMNS[layout];
    names = STANDARD;
    rowHeight = ROW_HEIGHT[layout];
  }
  let rows = Math.ceil(names.length / columns);
  const whole = WINDOW_S * speed;
  const width = whole / columns;
  // Columns go on in time where there is enough of it; of a shorter recording each shows the same stretch.
  const goesOn = recording.duration_s - start >= WINDOW_S - ENOUGH_S;
  const baseline = (row) => MARGIN + rowHeight * (row + 0.5);
  const strips = names.map((name, index) => {
    const column = Math.floor(index / rows);
    return {
      lead: named.get(name), name, x: LEFT + column * width, y: baseline(index % rows), width, height: rowHeight,
      start: start + (goesOn ? (column * width) / speed : 0),
    };
  });
  if (columns === COLUMNS["3x4+1"] && !lead) {
    const rhythm = named.get("II") ?? recording.leads[0];
    strips.push({ lead: rhythm, name: rhythm.name, x: LEFT, y: baseline(rows), width: whole, height: rowHeight, start });
    rows += 1;
  }
  return { strips, width: LEFT + whole + MARGIN, height: Math.ceil((MARGIN + rows * rowHeight + MARGIN) / 5) * 5 };
}

/** The strip under a point of the sheet, in mm. */
export function stripAt(sheet, x, y) {
  return sheet.strips.find(
    (strip) => x >= strip.x && x < strip.x + strip.width && Math.abs(y - strip.y) <= strip.height / 2 && strip.lead,
  );
}

/**
 * Draw the window of the sheet that begins at (left, top) CSS pixels. `scale` is CSS pixels per millimetre, `ratio`
 * device pixels per CSS pixel: lines are set on device pixels, so they stay sharp at every zoom.
 */
export function draw(canvas, recording, sheet, { scale, ratio, left, top, speed, gain }) {
  const context = canvas.getContext("2d", { alpha: false });
  const k = scale * ratio; // device pixels per millimetre
  const x0 = -left * ratio;
  const y0 = -top * ratio;
  context.fillStyle = PAPER;
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawPaper(context, canvas, sheet, k, x0, y0);
  const pen = { context, k, x0, y0, speed, gain, hz: recording.sampling_hz, limit: sheet.height };
  context.lineJoin = "round";
  context.lineCap = "round";
  context.strokeStyle = INK;
  context.lineWidth = Math.max(1.15 * Math.min(ratio, 2), 0.26 * k);
  for (const y of new Set(sheet.strips.map((strip) => strip.y))) drawPulse(pen, y);
  for (const strip of sheet.strips) drawStrip(pen, strip, canvas.width);
  drawLabels(pen, sheet, ratio);
}

function drawPaper(context, canvas, sheet, k, x0, y0) {
  const line = (every, skip, colour, thick) => {
    context.fillStyle = colour;
    const width = Math.max(1, Math.round(thick * k));
    const right = Math.min(canvas.width, x0 + sheet.width * k);
    const bottom = Math.min(canvas.height, y0 + sheet.height * k);
    for (let mm = Math.max(0, Math.ceil(-x0 / k / every) * every); mm <= sheet.width; mm += every) {
      const x = Math.round(x0 + mm * k);
      if (x > canvas.width) break;
      if (!skip || mm % skip) context.fillRect(x, Math.max(0, y0), width, bottom - Math.max(0, y0));
    }
    for (let mm = Math.max(0, Math.ceil(-y0 / k / every) * every); mm <= sheet.height; mm += every) {
      const y = Math.round(y0 + mm * k);
      if (y > canvas.height) break;
      if (!skip || mm % skip) context.fillRect(Math.max(0, x0), y, right - Math.max(0, x0), width);
    }
  };
  if (k >= 2.6) line(1, 5, FINE, 0.1);
  line(5, 0, BOLD, 0.18);
}

function drawPulse({ context, k, x0, y0, speed, gain }, y) {
  const width = Math.min(0.2 * speed, PULSE - 4); // 200 ms where there is room
  const side = (PULSE - width) / 2;
  const at = (mmX, mmY) => [x0 + mmX * k, y0 + mmY * k];
  context.beginPath();
  context.moveTo(...at(MARGIN, y));
  for (const [mmX, mmY] of [
    [MARGIN + side, y], [MARGIN + side, y - gain], [MARGIN + side + width, y - gain], [MARGIN + side + width, y],
    [MARGIN + PULSE, y],
  ]) {
    context.lineTo(...at(mmX, mmY));
  }
  context.stroke();
}

function drawStrip({ context, k, x0, y0, speed, gain, hz, limit }, strip, canvasWidth) {
  if (!strip.lead) return;
  const { mv, median: zero } = strip.lead;
  const first = Math.round(strip.start * hz);
  const last = Math.min(first + Math.round((strip.width / speed) * hz), mv.length - 1);
  const perSample = (speed / hz) * k; // device pixels
  const origin = x0 + strip.x * k;
  const from = Math.max(first, first + Math.floor((-4 - origin) / perSample));
  const to = Math.min(last, first + Math.ceil((canvasWidth + 4 - origin) / perSample));
  if (to <= from) return;
  const height = (value) => y0 + Math.min(Math.max(strip.y - (value - zero) * gain, 0), limit) * k;
  const step = Math.max(1, Math.floor(0.5 / perSample)); // bins of half a device pixel: lowest and highest sample stay
  let open = false;
  context.beginPath();
  const point = (index) => {
    if (Number.isNaN(mv[index])) {
      open = false;
      return;
    }
    const x = origin + (index - first) * perSample;
    if (open) context.lineTo(x, height(mv[index]));
    else context.moveTo(x, height(mv[index]));
    open = true;
  };
  for (let i = from; i <= to; i += step) {
    const end = Math.min(i + step, to + 1);
    let low = i;
    let high = i;
    for (let j = i; j < end; j++) {
      if (Number.isNaN(mv[j])) low = high = j;
      else if (mv[j] < mv[low]) low = j;
      else if (mv[j] > mv[high]) high = j;
    }
    point(Math.min(low, high));
    if (low !== high) point(Math.max(low, high));
  }
  point(to);
  context.stroke();
}

function drawLabels({ context, k, x0, y0 }, sheet, ratio) {
  const size = Math.min(Math.max(3.3 * k, 12 * ratio), 5.5 * k);
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textBaseline = "alphabetic";
  context.lineWidth = size / 4;
  context.strokeStyle = PAPER;
  context.fillStyle = INK;
  for (const strip of sheet.strips) {
    const x = x0 + (strip.x + 1.5) * k;
    const y = y0 + (strip.y - (strip.height >= 25 ? 8 : 4)) * k;
    context.strokeText(strip.name, x, y); // a halo of paper, so that a wave does not hide the name
    context.fillText(strip.name, x, y);
    if (strip.x > LEFT) {
      for (const mm of [-7, 5]) context.fillRect(Math.round(x0 + strip.x * k), y0 + (strip.y + mm) * k, Math.max(1, 0.2 * k), 2 * k);
    }
  }
}
