// The tree that is clicked. Texts come from models and files: they are only ever text nodes, never markup.

const make = (tag, name = "", text = "") => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== "") made.textContent = text;
  return made;
};

const button = (text, title, press) => {
  const made = make("button", "", text);
  made.type = "button";
  made.title = title;
  made.addEventListener("click", press);
  return made;
};

const ROLES = new Set(["system", "developer", "user", "assistant", "tool"]);
const oneLine = (text) => text.slice(0, 300).replace(/\s+/g, " ").trim() || "[empty]";
const shownScore = (score) => String(Number(score.toPrecision(6)));

class Tree {
  constructor(model, root) {
    this.model = model;
    this.head = make("span", "head");
    this.undo = button("Put back", "Put back what was cut off last", () => this.wish("restore"));
    this.all = button("Fold all", "Fold or unfold every branch", () => this.foldAll());
    this.bar = make("div", "bar");
    this.bar.append(this.head, this.all, this.undo);
    this.rows = make("div", "rows");
    this.rows.setAttribute("role", "tree");
    this.rows.setAttribute("aria-label", "Conversation");
    this.rows.tabIndex = 0;
    this.rows.addEventListener("keydown", (event) => this.key(event));
    this.detail = make("section", "detail");
    this.columns = make("div", "columns");
    this.fault = make("p", "fault");
    this.fault.setAttribute("role", "status");
    root.append(this.bar, this.rows, this.fault, this.detail, this.columns);
    this.listeners = [
      ["change:nodes", () => this.load()],
      ["change:folded_ids", () => this.draw()],
      ["change:selected_id", () => this.select()],
      ["change:compared_ids", () => this.marks()],
      ["change:comparison", () => this.side()],
      ["change:head", () => this.words()],
      ["change:cut", () => this.words()],
      ["change:fault", () => this.words()],
    ];
    for (const [name, hear] of this.listeners) model.on(name, hear);
    this.load();
  }

  close() {
    for (const [name, hear] of this.listeners) this.model.off(name, hear);
  }

  get(name) {
    return this.model.get(name);
  }

  set(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  // Python looks at what changes: a number makes every wish another.
  wish(what, id = "", value = null) {
    this.set("wish", { do: what, id, value, at: Date.now() + Math.random() });
  }

  load() {
    this.nodes = this.get("nodes");
    this.byId = new Map(this.nodes.map((node) => [node.id, node]));
    this.places = new Map(this.nodes.map((node, place) => [node.id, place]));
    this.words();
    this.draw();
    this.select();
    this.side();
  }

  words() {
    this.head.textContent = this.get("head");
    this.fault.textContent = this.get("fault");
    this.undo.hidden = !this.get("cut");
    this.undo.textContent = `Put back (${this.get("cut")})`;
  }

  // The rows in sight: what is under a folded node is not there at all.
  draw() {
    const folded = new Set(this.get("folded_ids"));
    const hidden = new Set();
    this.visible = [];
    for (const node of this.nodes) {
      if (node.parent && (hidden.has(node.parent) || folded.has(node.parent)) && this.byId.has(node.parent)) {
        hidden.add(node.id);
      } else {
        this.visible.push(node);
      }
    }
    this.lines = new Map();
    this.rows.replaceChildren(...this.visible.map((node) => this.line(node, folded.has(node.id))));
    this.all.hidden = !this.nodes.some((node) => node.below);
    this.all.textContent = folded.size ? "Unfold all" : "Fold all";
    this.marks();
  }

  line(node, folded) {
    const line = make("div", "row");
    line.setAttribute("role", "treeitem");
    line.setAttribute("aria-level", node.level + 1);
    line.id = `${this.prefix()}${node.id}`;
    line.style.setProperty("--level", Math.min(node.level, 24));
    const fold = make("span", "fold", node.below ? (folded ? "▸" : "▾") : "");
    if (node.below) {
      line.setAttribute("aria-expanded", String(!folded));
      fold.title = folded ? `Unfold ${node.below}` : "Fold";
      fold.addEventListener("click", (event) => {
        event.stopPropagation();
        this.fold(node);
      });
    }
    const role = make("span", `role ${ROLES.has(node.role) ? node.role : "other"}`, node.role);
    const text = make("span", "text", oneLine(node.text));
    text.dir = "auto";
    line.append(fold, role, text);
    for (const label of node.labels) line.append(make("span", "label", label));
    if (node.score !== null) line.append(make("span", "score", shownScore(node.score)));
    line.append(make("span", "figures", node.figures));
    line.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) this.compare(node);
      else this.set("selected_id", node.id);
    });
    line.addEventListener("dblclick", () => node.below && this.fold(node));
    this.lines.set(node.id, line);
    return line;
  }

  prefix() {
    this.own ??= `minillm-${Math.random().toString(36).slice(2)}-`;
    return this.own;
  }

  marks() {
    const selected = this.get("selected_id");
    const compared = this.get("compared_ids");
    for (const [id, line] of this.lines) {
      line.classList.toggle("selected", id === selected);
      line.setAttribute("aria-selected", String(id === selected));
      line.classList.toggle("compared", compared.includes(id));
    }
    const line = this.lines.get(selected);
    this.rows.setAttribute("aria-activedescendant", line ? line.id : "");
    if (this.comparing) this.comparing.textContent = compared.includes(selected) ? "Do not compare" : "Compare";
  }

  select() {
    this.marks();
    const node = this.byId.get(this.get("selected_id"));
    this.comparing = null;
    if (!node) {
      this.detail.replaceChildren(make("p", "head", "Click a line to read it; with Ctrl or Shift to compare it."));
      return;
    }
    const title = make("div", "title");
    const role = make("span", `role ${ROLES.has(node.role) ? node.role : "other"}`, node.role);
    title.append(role, make("span", "figures", [node.who, node.figures].filter(Boolean).join(" · ")));
    const text = make("pre", "", node.text);
    text.dir = "auto";
    this.detail.replaceChildren(title, text, this.tools(node));
    this.marks();
  }

  tools(node) {
    const tools = make("div", "bar");
    this.comparing = button("Compare", "Put it beside others (Space)", () => this.compare(node));
    const label = make("label", "", "Score ");
    const score = make("input");
    score.type = "number";
    score.step = "any";
    if (node.score !== null) score.value = node.score;
    score.addEventListener("change", () => {
      const value = score.value.trim() === "" ? null : Number(score.value);
      this.wish("score", node.id, value);
    });
    label.append(score);
    tools.append(this.comparing, label);
    if (this.byId.has(node.parent)) {
      const cut = button("Prune", "Cut it off with all that is under it", () => this.wish("prune", node.id));
      tools.append(cut);
    }
    return tools;
  }

  compare(node) {
    const now = this.get("compared_ids");
    this.set("compared_ids", now.includes(node.id) ? now.filter((id) => id !== node.id) : [...now, node.id]);
    this.side();
  }

  // Python marks the words that differ; until it has answered, or where it is gone, the texts stand as they are.
  side() {
    const ids = this.get("compared_ids");
    const marked = this.get("comparison");
    const ready = marked.length === ids.length && marked.every((column, place) => column.id === ids[place]);
    const plain = ids.map((id) => this.byId.get(id)).filter(Boolean);
    const columns = ready
      ? marked
      : plain.map((node) => ({ ...node, title: node.who || node.role, note: node.figures, pieces: [[node.text, false]] }));
    this.columns.replaceChildren(...columns.map((column) => this.column(column)));
  }

  column(column) {
    const made = make("section", "column done");
    const header = make("header");
    header.append(make("b", "", column.title));
    if (column.score !== null) header.append(make("span", "score", shownScore(column.score)));
    const node = this.byId.get(column.id);
    if (node) header.append(button("×", "Do not compare", () => this.compare(node)));
    const text = make("pre");
    text.dir = "auto";
    for (const [piece, differs] of column.pieces) text.append(differs ? make("mark", "", piece) : piece);
    made.append(header, text, make("footer", "", column.note));
    return made;
  }

  fold(node) {
    const now = this.get("folded_ids");
    this.set("folded_ids", now.includes(node.id) ? now.filter((id) => id !== node.id) : [...now, node.id]);
    this.draw();
  }

  foldAll() {
    const branches = this.nodes.filter((node) => node.below > 1).map((node) => node.id);
    this.set("folded_ids", this.get("folded_ids").length ? [] : branches.length ? branches : [this.nodes[0].id]);
    this.draw();
  }

  key(event) {
    event.stopPropagation();
    const node = this.byId.get(this.get("selected_id"));
    const place = this.visible.indexOf(node);
    const folded = node && this.get("folded_ids").includes(node.id);
    const go = (to) => {
      const next = this.visible[Math.max(0, Math.min(to, this.visible.length - 1))];
      if (!next) return;
      this.set("selected_id", next.id);
      this.select();
      const line = this.lines.get(next.id);
      const above = line.offsetTop - this.rows.offsetTop;
      const { scrollTop, clientHeight } = this.rows;
      if (above < scrollTop) this.rows.scrollTop = above;
      else if (above + line.offsetHeight > scrollTop + clientHeight) this.rows.scrollTop = above + line.offsetHeight - clientHeight;
    };
    const keys = {
      ArrowDown: () => go(place + 1),
      ArrowUp: () => go(place < 0 ? 0 : place - 1),
      Home: () => go(0),
      End: () => go(this.visible.length - 1),
      ArrowRight: () => node && (folded ? this.fold(node) : go(place + 1)),
      ArrowLeft: () => {
        if (node && node.below && !folded) this.fold(node);
        else if (node) go(this.visible.indexOf(this.byId.get(node.parent)));
      },
      Enter: () => node && node.below && this.fold(node),
      " ": () => node && this.compare(node),
    };
    if (event.target === this.rows && keys[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      keys[event.key]();
    }
  }
}

function render({ model, el }) {
  const root = make("div", "minillm-nb tree");
  // Notebooks have keys of their own (x cuts a cell): none of ours reaches them.
  root.dataset.lmSuppressShortcuts = "true";
  root.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(root);
  const tree = new Tree(model, root);
  return () => tree.close();
}

export default { render };
