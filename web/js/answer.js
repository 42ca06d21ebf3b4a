// The answer: words, table and the texts that say the same elsewhere, as the library wrote them.
(function () {
  "use strict";
  const page = window.simsrv;
  const { $, el } = page;

  const GLYPHS = { named: "▶", close: "≈", meets: "≈", undecided: "?", overloaded: "×", "does-not-fit": "✗" };

  const REFINING = "Coarse; refining while you look.";

  const MEANING = {
    named: "the answer", close: "no better than the answer, or no worse than counts", meets: "meets the objectives",
    undecided: "not enough requests to say", overloaded: "overloaded", "does-not-fit": "needs more memory than there is",
  };

  page.words = (document) => {
    $("said").replaceChildren(...page.whole(page.kept(document.answer)));
    $("described").textContent = document.server.concat(document.description).join(" ");
    const stage = document.stage;
    const refining = stage && !stage.last && !document.partial ? REFINING + " " : "";
    const partial = document.partial ? "Stopped before all cells were finished. " : "";
    const effort = document.exact ? "Exact: nothing here is random." : page.sentence(document.effort) + (document.effort && ".");
    $("effort").textContent = refining + partial + effort;
    $("paragraphs").replaceChildren(...document.paragraphs.flatMap(([word, text]) => [el("dt", {}, word), el("dd", {}, ...page.whole(word === "Next" ? text : page.kept(text)))]));
  };

  /** No finer run was finished, for that reason. */
  page.cutShort = (reason) => {
    $("effort").textContent = $("effort").textContent.replace(REFINING, "Not refined further. " + reason);
    for (const node of $("said").childNodes) node.textContent = node.textContent.replace("that is being refined", "the command below says it");
  };

  /** What the marks of a table mean: those that occur. */
  const legend = (cells) => {
    const seen = new Set(cells.map((cell) => cell.mark));
    const of = (mark) => (MEANING[mark] && seen.has(mark) ? [GLYPHS[mark] + " " + MEANING[mark]] : []);
    $("marks").textContent = Object.keys(MEANING).flatMap(of).join(", ");
  };

  page.table = (document) => {
    legend(document.cells);
    fill($("table"), document.table, document.cells);
    $("by-route").hidden = !document.routes;
    if (!document.routes) return;
    $("by-route-of").textContent = "By route, " + document.routes.of;
    fill($("route-table"), document.routes.table);
  };

  /** Cells of a row, each with its column and how many it goes across: what is overloaded has no
   *  numbers, and its remark stands in their place. */
  const joined = (texts, columns) => {
    const last = texts.length - 1;
    const empty = (from) => texts.slice(from, last).every((text) => text === "–");
    const from = texts.findIndex((text, at) => at < last && empty(at));
    if (from < 0 || !texts[last] || columns[last].number) return texts.map((text, at) => [text, at, 1]);
    return [...texts.slice(0, from).map((text, at) => [text, at, 1]), [texts[last], from, last - from + 1]];
  };

  /** Columns that are shown: remarks have none where each stands in the place of figures. */
  const width = ({ columns, rows }) => {
    const own = (texts) => texts.at(-1) && joined(texts, columns).at(-1)[2] === 1;
    return columns.length - (columns.at(-1).name || rows.some(own) ? 0 : 1);
  };

  const fill = (table, { columns, rows }, cells) => {
    const shown = width({ columns, rows });
    const kind = (column) => (column.number ? "number" : "words");
    const head = el("tr", {}, ...(cells ? [el("th", { scope: "col" }, "mark")] : []), ...columns.slice(0, shown).map((column) => el("th", { scope: "col", class: kind(column) }, column.name || "remarks")));
    const line = (texts, at) => {
      const own = joined(texts, columns).filter(([, column]) => column < shown);
      const plain = own.map(([text, column, across]) => el("td", { class: across > 1 ? "words" : kind(columns[column]), colSpan: Math.min(across, shown - column) }, text));
      if (!cells) return el("tr", {}, ...plain);
      const { mark } = cells[at];
      const glyph = el("td", {}, GLYPHS[mark] || "");
      if (GLYPHS[mark]) glyph.setAttribute("aria-label", mark.replaceAll("-", " ")), glyph.setAttribute("role", "cell");
      return el("tr", { class: mark }, glyph, ...plain);
    };
    // On paper it lies on its side.
    table.parentElement.classList.toggle("wide", shown > 9);
    table.replaceChildren(el("thead", {}, head), el("tbody", {}, ...rows.map(line)));
  };

  page.same = (document) => {
    $("command").replaceChildren(...page.whole((document.stage && document.stage.asked) || document.command));
    $("scenario").textContent = document.scenario;
    const lacking = document.server.length ? "No number is named, so there is no configuration." : "Name a server, such as gunicorn, to get its configuration.";
    $("config").textContent = document.config || lacking;
    for (const part of [$("config"), $("config-title")]) part.classList.toggle("live", !document.config);
    $("download").onclick = () => {
      const url = URL.createObjectURL(new Blob([document.csv], { type: "text/csv" }));
      const link = el("a", { href: url, download: "simsrv.csv" });
      link.click();
      URL.revokeObjectURL(url);
    };
  };
})();
