// What the viewer says, in Chinese and English. Kept apart from the code that says it.

const ZH = {
  layout: "布局", speed: "走纸速度", gain: "增益", lead: "导联", allLeads: "全部导联", zoom: "缩放", zoomIn: "放大", zoomOut: "缩小",
  fit: "适合宽度", actual: "1:1", actualTitle: "真实大小：1 毫米显示为 1 毫米", callipers: "分规", calibrate: "屏幕校准", shortcuts: "快捷键",
  sheet: "心电图纸", earlier: "前一段", later: "后一段",
  loading: "正在载入心电图…", empty: "还没有心电图。", retry: "重新载入",
  failed: "心电图没有载入成功，请检查网络后重试。", denied: "您没有查看这份心电图的权限，或它已不存在。", damaged: "心电图数据不完整，无法显示。",
  picture: (n, seconds) => `心电图，${n} 个导联，${seconds} 秒`,
  time: (index) => `时间分规 ${index}`, voltage: (index) => `电压分规 ${index}`,
  between: (ms, bpm, mv) => `间期 ${ms} 毫秒${bpm ? `（${bpm} 次/分）` : ""}，幅度 ${mv} 毫伏`,
  rate: "次/分", interval: "间期", amplitude: "幅度", derived: "由 RR 间期换算",
  measured: "机器测量值", statement: "机器自动分析，仅供参考", scaleNote: "网格：小格 1 mm，大格 5 mm",
  card: "用尺或银行卡量下面的色条，拖动滑块，直到它正好 85.6 毫米（一张银行卡的长边）。", cardBar: "85.6 毫米", done: "完成", reset: "恢复默认",
  help: [
    ["1 / 2 / 3", "布局 3×4+1 / 6×2 / 12×1"], ["+ / −", "增益加大 / 减小"], ["S", "走纸速度 25 / 50 mm/s"], ["[ / ]", "缩小 / 放大"],
    ["0", "适合宽度"], ["C", "显示或收起分规"], ["← → ↑ ↓", "移动分规（Shift：一小格）"], ["L", "逐个放大导联"], ["Esc", "回到全部导联"],
    ["PgUp / PgDn", "前一段 / 后一段"],
  ],
};

const EN = {
  layout: "Layout", speed: "Speed", gain: "Gain", lead: "Lead", allLeads: "All leads", zoom: "Zoom", zoomIn: "Zoom in", zoomOut: "Zoom out",
  fit: "Fit width", actual: "1:1", actualTitle: "True size: one millimetre is shown as one millimetre", callipers: "Callipers",
  calibrate: "Calibrate screen", shortcuts: "Shortcuts", sheet: "ECG sheet", earlier: "Earlier", later: "Later",
  loading: "Loading the ECG…", empty: "No ECG yet.", retry: "Load again",
  failed: "The ECG could not be loaded. Check the network and try again.", denied: "You may not see this ECG, or it no longer exists.",
  damaged: "The data of this ECG are incomplete and cannot be shown.",
  picture: (n, seconds) => `ECG, ${n} leads, ${seconds} seconds`,
  time: (index) => `Time calliper ${index}`, voltage: (index) => `Voltage calliper ${index}`,
  between: (ms, bpm, mv) => `Interval ${ms} milliseconds${bpm ? ` (${bpm} per minute)` : ""}, amplitude ${mv} millivolt`,
  rate: "bpm", interval: "Interval", amplitude: "Amplitude", derived: "from the RR interval",
  measured: "Measured by the device", statement: "Automatic interpretation, for reference only", scaleNote: "Grid: fine 1 mm, bold 5 mm",
  card: "Measure the bar below with a ruler or a bank card and move the slider until it is exactly 85.6 mm (the long side of a bank card).",
  cardBar: "85.6 mm", done: "Done", reset: "Reset",
  help: [
    ["1 / 2 / 3", "layout 3×4+1 / 6×2 / 12×1"], ["+ / −", "more / less gain"], ["S", "speed 25 / 50 mm/s"], ["[ / ]", "zoom out / in"],
    ["0", "fit width"], ["C", "show or hide callipers"], ["← → ↑ ↓", "move a calliper (Shift: 1 mm)"], ["L", "enlarge lead by lead"],
    ["Esc", "back to all leads"], ["PgUp / PgDn", "earlier / later stretch"],
  ],
};

/** The words of the page's language. */
export function words() {
  return document.documentElement.lang.toLowerCase().startsWith("en") ? EN : ZH;
}
