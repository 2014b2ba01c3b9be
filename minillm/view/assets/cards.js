// One message, whole: who and what it cost, what was said, what is known beside it.
function card(i, differFrom = -1) {
  const made = el("article", `card${i === state.cursor ? " here" : ""}`);
  made.node = i;
  made.append(head(i));
  if (differFrom >= 0 && differFrom !== i) writeDifferences(made, textOf(differFrom), textOf(i));
  else if (about(i).parts) for (const part of about(i).parts) writePart(made, part);
  else if (data.text[i]) long(made, data.text[i], state.pattern, "part text");
  else made.append(el("div", "part dim", "[empty]"));
  made.append(details(i));
  return made;
}

function head(i) {
  const said = about(i), line = el("div", "head"), role = roleOf(i);
  line.append(el("span", KNOWN_ROLES.has(role) ? `role ${role}` : "role", role));
  const beside = siblings(i);
  if (beside.length > 1) {
    const turn = el("span", "turn"), at = beside.indexOf(i);
    const step = (sign, other, words) => {
      const button = el("button", "", sign);
      button.title = words;
      button.disabled = other === undefined;
      button.addEventListener("click", () => go(other));
      return button;
    };
    turn.append(step("‹", beside[at - 1], "Sibling before ([)"), `${at + 1} of ${beside.length}`,
      step("›", beside[at + 1], "Next sibling (])"));
    line.append(turn);
  }
  for (const words of [said.name, said.model, tokenWords(said), said.seconds === undefined ? "" : `${said.seconds.toFixed(1)} s`,
    costWords(said), ENDINGS[said.finish], said.score === undefined ? "" : `score ${said.score}`, ...(said.labels || [])]) {
    if (words) line.append(el("span", "name", words));
  }
  if (said.failed) line.append(el("span", "warn", `${count(said.failed.length, "call")} failed`));
  return line;
}

const ENDINGS = { length: "cut at max_tokens", context_full: "cut: context full", content_filter: "filtered by the host",
  refusal: "declined", interrupted: "interrupted", error: "ended with an error" };

function labelled(kind, words, strange) {
  const box = el("div", `box ${kind}`), label = el("div", "label", words);
  if (strange) label.append(" ", el("bdi", "", strange));
  box.append(label);
  return box;
}

const SHOWN = {
  text(parent, part) {
    long(parent, part.t, state.pattern, "part text");
    if (!part.sources) return;
    const box = labelled("", "Sources");
    for (const [title, url] of part.sources.slice(0, 100)) box.append(el("div", "part text", [title, url].filter(Boolean).join(" · ")));
    parent.append(box);
  },
  refusal(parent, part) {
    const box = labelled("error", "Declined");
    long(box, part.t, state.pattern, "part text");
    parent.append(box);
  },
  reasoning(parent, part) {
    const seal = part.sealed ? " and more that is sealed" : "";
    const words = part.t ? `Thinking, ${count(part.t.length, "character")}${seal}` : "Thinking that is sealed";
    if (!part.t) { parent.append(labelled("", words)); return; }
    const box = foldable(words, (inner) => long(inner, part.t, state.pattern, "part text"));
    box.open = Boolean(state.pattern && part.t.search(state.pattern) >= 0); // what is searched for is not hidden
    parent.append(box);
  },
  call(parent, part) {
    const box = labelled("", part.cut ? "Calls, cut off:" : "Calls", part.name);
    if (part.t) long(box, pretty(part.t), state.pattern, "part text code");
    parent.append(box);
  },
  result(parent, part) {
    const box = labelled(part.error ? "error" : "", part.error ? "Result, an error" : "Result", part.name);
    if (part.parts) for (const each of part.parts) writePart(box, each);
    else long(box, pretty(part.t), state.pattern, "part text code");
    parent.append(box);
  },
  media(parent, part) {
    const told = [part.mime, part.bytes === undefined ? "" : `${count(part.bytes, "byte")}`].filter(Boolean).join(", ");
    const box = labelled("", part.t, told);
    if (part.said) long(box, part.said, state.pattern, "part text");
    if (part.data) box.append(picture(part));
    parent.append(box);
  },
  native(parent, part) {
    parent.append(foldable(`A block of ${part.name}`, (box) => long(box, part.t, state.pattern, "part text code")));
  },
};

function writePart(parent, part) {
  (SHOWN[part.k] || SHOWN.media)(parent, part);
}

// What is inside is made when it is opened.
function foldable(words, fill, kind = "box") {
  const box = el("details", kind);
  box.append(el("summary", "", words));
  box.addEventListener("toggle", () => { if (box.open && box.childElementCount === 1) fill(box); });
  return box;
}

// Decoded only after a click, and only these kinds, whose bytes were looked at when the page was made.
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

function picture(part) {
  const button = el("button", "more", "Show picture");
  button.disabled = !PICTURES.has(part.mime) || !/^[A-Za-z0-9+/=\s]*$/.test(part.data);
  button.addEventListener("click", () => {
    const image = document.createElement("img");
    image.alt = "A picture in this message";
    image.src = `data:${part.mime};base64,${part.data}`;
    button.replaceWith(image);
  });
  return button;
}

// JSON with line breaks, every token as it was sent: parsed and written anew, 1.0 and long numbers would change.
function pretty(text) {
  if (text.length > 100000 || !/^\s*[[{]/.test(text)) return text;
  try { JSON.parse(text); } catch { return text; }
  let level = 0;
  const line = () => "\n" + "  ".repeat(level);
  return text.match(/"(?:[^"\\]|\\.)*"|\[\s*\]|\{\s*\}|[[\]{},:]|[^\s[\]{},:"]+/g).map((token) => {
    if (token === "{" || token === "[") { level++; return token + line(); }
    if (token === "}" || token === "]") { level--; return line() + token; }
    if (token === ",") return token + line();
    return token === ":" ? ": " : /^[[{]/.test(token) ? token.replace(/\s/g, "") : token;
  }).join("");
}

function details(i) {
  return foldable("Details", (box) => {
    const said = about(i), facts = el("dl");
    const below = end[i] - i - 1;
    const told = [["id", data.id[i]], ["depth", depth[i]], ["below", below ? count(below, "node") : ""], ["host", said.host],
      ["model", said.model], ["finish", said.finish], ["thinking", said.tokens && said.tokens[2] !== null ? count(said.tokens[2], "token") : ""],
      ["cost", said.usd ? `$${said.usd}` : costWords(said)],
      ["with all below", below ? sumWords(known[end[i]] - known[i], unknown[end[i]] - unknown[i]) : ""],
      ["requests", said.calls], ["failed", said.failed && said.failed.join(", ")], ["not carried", said.losses && said.losses.join("\n")],
      ["placeholders", said.kwargs && JSON.stringify(said.kwargs, null, 1)], ["metadata", said.meta],
      ["record", said.fault && `cannot be read: ${said.fault}`]];
    for (const [name, value] of told) {
      if (value === undefined || value === "" || value === null) continue;
      const words = String(value);
      facts.append(el("dt", "", name), el("dd", "", words.length > CHUNK ? `${words.slice(0, CHUNK)}…` : words));
    }
    box.append(facts);
  }, "details");
}
