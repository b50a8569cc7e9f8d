// Sort the table of exercises by a column: each header becomes a button. The first row, their sum, stays first.

(() => {
  const table = document.querySelector("table.course-evidence");
  const headers = [...table.tHead.rows[0].cells];
  const [, ...rows] = table.tBodies[0].rows;
  const { compare } = new Intl.Collator("en", { numeric: true });

  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const order = header.ariaSort === "ascending" ? "descending" : "ascending";
      const turn = order === "ascending" ? 1 : -1;
      rows.sort((a, b) => turn * compare(a.cells[column].textContent, b.cells[column].textContent));
      table.tBodies[0].append(...rows);
      for (const other of headers) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", order);
    });
  });
})();
