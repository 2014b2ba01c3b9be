// Words of strangers on the screen. Everything goes through text nodes: nothing here parses markup.
const $ = (id) => document.getElementById(id);

function el(tag, kind, text) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = shown(text);
  return made;
}

// Marks that turn the reading direction, by name: text must not read other than it is (CVE-2021-42574).
const MARKS = { 0x61c: "ALM", 0x200e: "LRM", 0x200f: "RLM", 0x202a: "LRE", 0x202b: "RLE", 0x202c: "PDF", 0x202d: "LRO",
  0x202e: "RLO", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI" };
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function shown(text) {
  return String(text).replace(/\r\n/g, "\n").replace(UNSEEN, (letter) => {
    const code = letter.charCodeAt(0);
    if (MARKS[code]) return `⟨${MARKS[code]}⟩`;
    if (code < 32) return String.fromCharCode(0x2400 + code); // the control pictures: ␛ for an escape
    return code === 127 ? "␡" : `⟨${code.toString(16).toUpperCase()}⟩`;
  });
}

function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

const MOST_MARKS = 2000;

// Appends a text, what is searched for marked in it.
function write(parent, text, pattern) {
  const safe = shown(text);
  if (!pattern) return parent.append(safe);
  let last = 0, marks = 0;
  pattern.lastIndex = 0;
  for (let hit; marks < MOST_MARKS && (hit = pattern.exec(safe)) && hit[0]; marks++) {
    parent.append(safe.slice(last, hit.index), el("mark", "", hit[0]));
    last = pattern.lastIndex;
  }
  parent.append(safe.slice(last));
}

const CHUNK = 20000;

// A text of any length: its beginning, and the rest on demand, a piece at a time.
function long(parent, text, pattern, kind = "text") {
  const body = el("div", kind);
  body.dir = "auto";
  parent.append(body);
  let at = 0;
  const button = el("button", "more");
  const next = (size) => {
    let to = Math.min(text.length, at + size);
    if (to < text.length && (text.charCodeAt(to) & 0xfc00) === 0xdc00) to++; // never half a character
    write(body, text.slice(at, to), pattern);
    at = to;
    if (at >= text.length) button.remove();
    else button.textContent = `Show more (${count(text.length - at, "more character")})`;
  };
  button.addEventListener("click", () => next(5 * CHUNK));
  next(CHUNK);
  if (at < text.length) parent.append(button);
}
