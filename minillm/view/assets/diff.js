// What is different between two texts, by words; by lines where they are long; or that they are too long.
const MOST_CELLS = 4e6;

function differences(before, after) {
  for (const cut of [/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu, /[^\n]*\n|[^\n]+$/g]) {
    const a = before.match(cut) || [], b = after.match(cut) || [];
    const found = compared(a, b);
    if (found) return found;
  }
  return null;
}

// [sign, text] pairs: the longest common subsequence, what both begin and end with set aside.
function compared(a, b) {
  let start = 0, stop = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  while (stop < a.length - start && stop < b.length - start && a[a.length - 1 - stop] === b[b.length - 1 - stop]) stop++;
  const n = a.length - start - stop, m = b.length - start - stop;
  if ((n + 1) * (m + 1) > MOST_CELLS) return null;
  const wide = m + 1, common = new Uint16Array((n + 1) * wide); // at most 2,000 on the shorter side
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      common[i * wide + j] = a[start + i] === b[start + j] ? common[(i + 1) * wide + j + 1] + 1
        : Math.max(common[(i + 1) * wide + j], common[i * wide + j + 1]);
    }
  }
  const found = [];
  const say = (sign, word) => {
    const last = found[found.length - 1];
    if (last && last[0] === sign) last[1].push(word); else found.push([sign, [word]]);
  };
  for (let k = 0; k < start; k++) say(" ", a[k]);
  let i = 0, j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && a[start + i] === b[start + j]) { say(" ", a[start + i]); i++; j++; }
    else if (i < n && (j >= m || common[(i + 1) * wide + j] >= common[i * wide + j + 1])) say("-", a[start + i++]);
    else say("+", b[start + j++]);
  }
  for (let k = a.length - stop; k < a.length; k++) say(" ", a[k]);
  return found.map(([sign, words]) => [sign, words.join("")]);
}

const LONGEST_COMPARED = 400000, LONGEST_SHOWN = 100000;

function writeDifferences(parent, before, after) {
  const found = before.length + after.length > LONGEST_COMPARED ? null : differences(before, after);
  const body = el("div", "part text");
  body.dir = "auto";
  parent.append(body);
  if (!found) {
    body.append(el("span", "dim", "Too long or too different to be compared word by word."));
    return long(parent, after, state.pattern, "part text");
  }
  let left = LONGEST_SHOWN;
  for (const [sign, words] of found) {
    if (left <= 0) { body.append(el("span", "dim", " … the rest is not shown")); break; }
    const piece = words.slice(0, left);
    left -= piece.length;
    body.append(sign === " " ? shown(piece) : el(sign === "+" ? "ins" : "del", "", piece));
  }
}
