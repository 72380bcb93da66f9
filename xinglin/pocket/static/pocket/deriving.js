// Values made of others, rounded as the server rounds them. What lacks a part is null. The same as xinglin/programmes/rules/deriving.py.
import { number } from "./conditions.js";

const MICROMOL_OF_MG = 88.4; // creatinine: µmol/L in 1 mg/dL

export function inputs(formula) {
  const named = { bmi: ["weight", "height"], ratio: ["over", "under"], difference: ["from", "minus"], scaled: ["raw"], egfr: ["creatinine"] };
  if (["sum", "product", "greatest"].includes(formula.kind)) {
    return formula.of.map((each) => (typeof each === "string" ? each : each.field));
  }
  return named[formula.kind].map((key) => formula[key]).concat(formula.kind === "egfr" ? ["sex", "age"] : []);
}

// Half away from zero, on the decimal digits that are written, as Decimal does.
export function rounded(value, decimals) {
  const text = Math.abs(value).toString();
  if (text.includes("e")) return Number(value.toFixed(decimals));
  const [whole, fraction = ""] = text.split(".");
  if (fraction.length <= decimals) return value;
  let digits = BigInt(whole + fraction.slice(0, decimals));
  if (fraction[decimals] >= "5") digits += 1n;
  const padded = digits.toString().padStart(decimals + 1, "0");
  const cut = padded.length - decimals;
  return Math.sign(value) * Number(decimals ? `${padded.slice(0, cut)}.${padded.slice(cut)}` : padded);
}

function points(code, facts, items) {
  const item = items[code];
  if (item && item.kind === "choice") {
    const chosen = item.options.find((each) => each.code === facts[code]);
    return chosen && chosen.points !== null ? chosen.points : null;
  }
  return number(facts[code] ?? null);
}

function banded(value, bands) {
  if (value === null) return null;
  const fitting = bands.filter(([since]) => value >= since);
  return fitting.length ? fitting[fitting.length - 1][1] : null;
}

function parts(formula, facts, items) {
  return formula.of.map((part) =>
    typeof part === "string" ? points(part, facts, items) : banded(number(facts[part.field] ?? null), part.bands),
  );
}

const COMPUTED = {
  sum: (formula, facts, items) => {
    const found = parts(formula, facts, items);
    return found.includes(null) ? null : found.reduce((a, b) => a + b, 0);
  },
  product: (formula, facts, items) => {
    const found = parts(formula, facts, items);
    return found.includes(null) ? null : found.reduce((a, b) => a * b, formula.times ?? 1);
  },
  greatest: (formula, facts, items) => {
    const found = parts(formula, facts, items);
    return !found.length || found.includes(null) ? null : Math.max(...found);
  },
  bmi: (formula, facts) => {
    const [weight, height] = [number(facts[formula.weight]), number(facts[formula.height])];
    return weight !== null && height ? weight / (height / 100) ** 2 : null;
  },
  ratio: (formula, facts) => {
    const [over, under] = [number(facts[formula.over]), number(facts[formula.under])];
    return over !== null && under ? (over / under) * (formula.times ?? 1) : null;
  },
  difference: (formula, facts) => {
    const [whole, part] = [number(facts[formula.from]), number(facts[formula.minus])];
    return whole !== null && part !== null ? whole - part : null;
  },
  scaled: (formula, facts) => {
    const raw = number(facts[formula.raw]);
    const { n, lowest, highest } = formula;
    return raw === null ? null : ((raw - n * lowest) / (n * (highest - lowest))) * 100;
  },
  egfr: (formula, facts) => {
    const [creatinine, age] = [number(facts[formula.creatinine]), number(facts.age)];
    if (!creatinine || age === null || age < 18 || !["1", "2"].includes(facts.sex)) return null;
    const [kappa, alpha, factor] = facts.sex === "2" ? [0.7, -0.241, 1.012] : [0.9, -0.302, 1];
    const relative = creatinine / MICROMOL_OF_MG / kappa;
    return 142 * Math.min(relative, 1) ** alpha * Math.max(relative, 1) ** -1.2 * 0.9938 ** age * factor;
  },
};

export function compute(item, facts, items) {
  const found = COMPUTED[item.formula.kind](item.formula, facts, items);
  return found === null || number(found) === null ? null : rounded(found, item.decimals);
}
