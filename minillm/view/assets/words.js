// What a node says and what it has cost, as words. What is not known is said to be unknown.
const data = JSON.parse($("data").textContent);
$("data").remove();
const size = data.parent.length;
const NOTHING = Object.freeze({});
const about = (i) => data.more[i] || NOTHING;
const roleOf = (i) => data.roles[data.role[i]];

function* partTexts(parts) {
  for (const part of parts) {
    if (part.parts) yield* partTexts(part.parts);
    else yield part;
  }
}

const NOTES = {
  text: (part) => part.t,
  refusal: (part) => part.t,
  reasoning: () => "",
  call: (part) => `[calls ${part.name}${part.t ? " " + part.t : ""}]`,
  result: (part) => part.t,
  media: (part) => `[${part.t}]`,
  native: (part) => `[${part.name} block]`,
};

// The text that is compared: what was said, with calls and media as notes.
function textOf(i) {
  const parts = about(i).parts;
  if (!parts) return data.text[i];
  return Array.from(partTexts(parts), (part) => (NOTES[part.k] || NOTES.media)(part)).filter(Boolean).join("\n");
}

const SNIPPET = 200;

function snippet(i) {
  const said = about(i);
  const whole = said.parts ? textOf(i) || (said.parts.length ? "[thinking]" : "") : data.text[i];
  const line = whole.slice(0, 4 * SNIPPET).trimStart().replace(/\s+/g, " ").slice(0, SNIPPET);
  const words = line || "[empty]";
  return said.title ? `${said.title} · ${words}` : words;
}

const LEAST_ID = 8; // letters: "bad" and "face" stand in many ids

// Whether anything of a node fits what is searched for: words, thinking, tools, model, labels, the beginning of its id.
function fits(i, pattern, wanted) {
  const hits = (text) => { pattern.lastIndex = 0; return pattern.test(text); };
  const id = data.id[i];
  if (hits(data.text[i]) || id === wanted || (wanted.length >= LEAST_ID && id.startsWith(wanted))) return true;
  const said = data.more[i];
  if (!said) return false;
  if (said.parts) for (const part of partTexts(said.parts)) if (hits(part.t || "") || hits(part.name || "")) return true;
  return hits(said.model || "") || hits(said.title || "") || hits(said.name || "") || (said.labels || []).some(hits);
}

const UNKNOWN = { unpriced: "no price known", unknown: "cost unknown", pending: "cost pending" };

function dollars(usd) {
  if (usd === 0) return "$0";
  if (usd < 0.000001) return "<$0.000001";
  if (usd >= 1) return "$" + usd.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const [whole, part] = usd.toFixed(6).replace(/0+$/, "").split(".");
  return `$${whole}.${part.padEnd(2, "0")}`;
}

// The words for a sum of which a part may not be known: a lower bound then.
function sumWords(known, unknown, why = "unknown") {
  if (!unknown) return dollars(known);
  return known > 0 ? `at least ${dollars(known)}` : UNKNOWN[why] || UNKNOWN.unknown;
}

function costWords(said) {
  if (said.usd === undefined) return "";
  return said.usd === null ? sumWords(Number(said.known || 0), 1, said.why) : dollars(Number(said.usd));
}

function tokenWords(said) {
  if (!said.tokens) return said.usd === undefined ? "" : "tokens unknown";
  const [into, out] = said.tokens;
  if (out === null) return "tokens unknown";
  return into === null ? `${out.toLocaleString("en")} out` : `${into.toLocaleString("en")} in, ${out.toLocaleString("en")} out`;
}
