// The numbers of a picture as tables, for readers who can't use the picture.

import { html } from "./elements.mjs";

/** Folded tables; `update` fills them with what a kind's `tables` returned. */
export function folded(question) {
  const place = html("div", { class: "wide", tabindex: "0", role: "region", "aria-label": `Numbers: ${question}` });
  const element = html("details", {}, html("summary", {}, "The numbers as a table"), place);
  let cells = [];
  let drawn = "";
  function update(tables) {
    const shape = JSON.stringify(tables.map(({ columns, rows }) => [columns, rows.length]));
    if (shape !== drawn) {
      place.replaceChildren(...tables.map((table) => made(table, question)));
      cells = [...place.querySelectorAll("tbody tr")].map((row) => [...row.cells]);
      drawn = shape;
    }
    const rows = tables.flatMap((table) => table.rows);
    rows.forEach((row, i) =>
      row.forEach((words, j) => {
        if (cells[i][j].textContent !== words) cells[i][j].textContent = words;
      }),
    );
  }
  return { element, update };
}

function made({ name, columns, rows }, question) {
  const head = html("tr", {}, ...columns.map((words) => html("th", { scope: "col" }, words)));
  const body = rows.map((row) => html("tr", {}, html("th", { scope: "row" }), ...row.slice(1).map(() => html("td"))));
  const caption = html("caption", name ? {} : { class: "hidden" }, name ?? question);
  return html("table", {}, caption, html("thead", {}, head), html("tbody", {}, ...body));
}
