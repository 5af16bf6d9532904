"use strict";
const table = document.getElementById("class"), body = table.tBodies[0], rows = [...body.rows];
const search = document.getElementById("search"), shown = document.getElementById("shown");
const texts = rows.map(row => [...row.cells].map(cell => cell.textContent).join(" ").toLowerCase());
search.closest("p").hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let number = 0;
  rows.forEach((row, at) => {
    row.hidden = !words.every(word => texts[at].includes(word));
    number += !row.hidden;
  });
  shown.textContent = `${number} / ${rows.length}`;
});
const compare = new Intl.Collator(undefined, {numeric: true}).compare;
const key = (row, column) => {
  const text = row.cells[column].textContent.trim(), number = Number(text);
  return text && !Number.isNaN(number) ? number : text;
};
const order = (a, b) => typeof a === "number" && typeof b === "number" ? a - b
  : typeof a === typeof b ? compare(a, b) : typeof a === "number" ? 1 : -1;
table.tHead.querySelectorAll("button").forEach((button, column) => button.addEventListener("click", () => {
  const head = button.closest("th"), down = head.ariaSort === "ascending";
  table.tHead.querySelectorAll("th").forEach(one => one.removeAttribute("aria-sort"));
  head.ariaSort = down ? "descending" : "ascending";
  const keyed = rows.map(row => [key(row, column), row]);
  keyed.sort(([a], [b]) => down ? order(b, a) : order(a, b));
  body.append(...keyed.map(([, row]) => row));
}));
