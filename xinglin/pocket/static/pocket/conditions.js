// Conditions as the server exports them, answered true, false or null (not known). The same rules as xinglin/platform/conditions.py.

const CLAUSES = /[，。；;,.\n！!？?]/;
const NEGATIONS = ["无", "否认", "没有", "未见", "未诉", "不伴", "排除"];

// A fact as a number; null when it is none, or not a finite one.
export function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function isNothing(value) {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

const plain = (value) => (typeof value === "boolean" ? Number(value) : value);

function bounds(condition, facts) {
  const value = number(facts[condition.bounds]);
  if (value === null) return null;
  const { low, high } = condition;
  if (low !== null && (value < low || (condition.above && value === low))) return false;
  return !(high !== null && (value > high || (condition.below && value === high)));
}

function choice(condition, facts) {
  const value = facts[condition.choice] ?? null;
  const values = condition.values.map(plain);
  if (condition.how === "known") return values.includes(Number(value !== null));
  if (value === null) return null;
  if (condition.how === "one_of") return !Array.isArray(value) && values.includes(plain(value));
  const several = (Array.isArray(value) ? value : [value]).map(plain);
  if (condition.how === "begins_with") return several.some((each) => values.some((start) => String(each).startsWith(start)));
  if (condition.how === "has_any") return several.some((each) => values.includes(each));
  return several.some((each) => !values.includes(each));
}

function says(text, word) {
  return text.split(CLAUSES).some((clause) => {
    const position = clause.indexOf(word);
    return position >= 0 && !NEGATIONS.some((negation) => clause.slice(0, position).includes(negation));
  });
}

function words(condition, facts) {
  const text = facts[condition.words] ?? null;
  return text === null ? null : condition.said.some((word) => says(String(text), word));
}

function times(condition, facts, earlier) {
  const answers = [truth(condition.atom, facts)];
  for (const [days, then] of earlier) {
    if (days >= 0 && days <= condition.within_days) answers.push(truth(condition.atom, then));
  }
  const known = answers.filter((answer) => answer === true).length;
  if (known >= condition.times) return true;
  return answers[0] === null && known + 1 >= condition.times ? null : false;
}

function someOf(condition, facts, earlier) {
  let still = condition.n;
  let open = 0;
  for (const [index, part] of condition.of.entries()) {
    if (condition.of.length - index + open < still) return false;
    const answer = truth(part, facts, earlier);
    if (answer === true) still -= 1;
    else if (answer === null) open += 1;
    if (still <= 0) return true;
  }
  return still <= open ? null : false;
}

// Whether a condition holds; null when that depends on what is not known. `earlier`: [days since, facts] of former visits.
export function truth(condition, facts, earlier = []) {
  if ("bounds" in condition) return bounds(condition, facts);
  if ("choice" in condition) return choice(condition, facts);
  if ("words" in condition) return words(condition, facts);
  if ("times" in condition) return times(condition, facts, earlier);
  if ("always" in condition) return true;
  if ("none" in condition) {
    const answer = truth(condition.none, facts, earlier);
    return answer === null ? null : !answer;
  }
  return someOf(condition, facts, earlier);
}

// Names of the facts that made a condition what it is.
export function deciding(condition, facts, earlier = []) {
  for (const kind of ["bounds", "choice", "words"]) if (kind in condition) return [condition[kind]];
  if ("times" in condition) return deciding(condition.atom, facts, earlier);
  if ("always" in condition) return [];
  if ("none" in condition) return deciding(condition.none, facts, earlier);
  const answer = truth(condition, facts, earlier);
  return condition.of
    .filter((part) => truth(part, facts, earlier) === answer)
    .flatMap((part) => deciding(part, facts, earlier));
}
