// ECharts with the colours of the page. The option is JSON beside the holder; no function, no markup in it.
import { colour, data, library, whenNear } from "./lazy.js";
import { mount, say } from "./mount.js";

function theme() {
  const font = getComputedStyle(document.body).fontFamily;
  const axis = {
    axisLine: { lineStyle: { color: colour("line-2") } },
    axisTick: { show: false },
    axisLabel: { color: colour("ink-2") },
    splitLine: { lineStyle: { color: colour("line") } },
    nameTextStyle: { color: colour("ink-3") },
  };
  return {
    color: ["pine", "apricot", "info", "warning", "ink-3", "ok"].map(colour),
    textStyle: { fontFamily: font, color: colour("ink-2") },
    title: { textStyle: { color: colour("ink"), fontSize: 14 } },
    legend: { textStyle: { color: colour("ink-2") }, itemWidth: 14, itemHeight: 8, top: 0, left: 0 },
    // Rich text is drawn on the canvas: an HTML tooltip would need inline styles, which the page forbids.
    tooltip: {
      renderMode: "richText",
      backgroundColor: colour("surface"),
      borderColor: colour("line-2"),
      textStyle: { color: colour("ink"), fontFamily: font, fontSize: 13 },
    },
    line: { symbolSize: 6, lineStyle: { width: 2 } },
    bar: { barMaxWidth: 28 },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    timeAxis: { ...axis, axisLabel: { ...axis.axisLabel, hideOverlap: true, padding: [0, 6] }, splitLine: { show: false } },
  };
}

const COLOURS = /^var\(--([a-z0-9-]+)\)$/;
const painted = (value) => {
  if (typeof value === "string") return COLOURS.test(value) ? colour(COLOURS.exec(value)[1]) : value;
  if (Array.isArray(value)) return value.map(painted);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, painted(each)]));
  return value;
};

mount("[data-chart]", (holder) => {
  whenNear(holder, async () => {
    const option = data(holder.dataset.chart);
    try {
      await library(holder.dataset.library);
    } catch {
      holder.textContent = say("failed");
      return;
    }
    const draw = () => {
      const reduced = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      const chart = window.echarts.init(holder, theme(), { renderer: "canvas", locale: document.documentElement.lang === "en" ? "EN" : "ZH" });
      chart.setOption({ animation: !reduced, grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true }, tooltip: { trigger: "axis" }, ...painted(option) });
      chart.on("click", (event) => event.data?.url && window.location.assign(event.data.url));
      return chart;
    };
    holder.replaceChildren();
    holder.dataset.ready = "";
    let chart = draw();
    new ResizeObserver(() => chart.resize()).observe(holder);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      chart.dispose();
      chart = draw();
    });
  });
});
