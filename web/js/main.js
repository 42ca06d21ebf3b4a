// What happens when: a question is asked in stages; its map, its curve and its film follow.
(function () {
  "use strict";
  const page = window.simsrv;
  const { $ } = page;

  /** What is shown now, to be drawn again when the theme or the width changes. */
  const shown = {};
  let controller = new AbortController();
  let timer = 0;

  const inReport = () => window.document.body.classList.contains("report");

  const draw = () => {
    const { answer, map, load } = shown;
    if (!answer) return;
    const route = routes(answer.document);
    page.timeline(answer.document);
    page.byWorkers(answer.document, page.ofRoute(answer.rows, route), route);
    page.ccdf(answer.document, answer.rows);
    const focused = page.focusedCell();
    const base = { answer, rows: page.ofRoute(answer.rows, route), route, choose: inReport() ? null : choose };
    map ? page.map(map.document, page.ofRoute(map.rows, route), base) : page.hide("map");
    load ? page.load(load.document, page.ofRoute(load.rows, route), answer, route) : page.hide("load");
    focused();
  };

  /** Which requests the pictures speak of: all, or those of the route that is chosen. */
  const routes = (document) => {
    const names = document.routes ? document.routes.names : [];
    const choice = $("route");
    const before = names.includes(choice.value) ? choice.value : "";
    choice.replaceChildren(page.el("option", { value: "" }, "all together"), ...names.map((name) => page.el("option", { value: name }, name)));
    choice.value = before;
    $("routes").hidden = !names.length;
    return before;
  };

  const read = (document) => ({ document, rows: page.rows(document) });

  /** A cell of the map was chosen: it becomes the question; Back leads to the one before. */
  const choose = (row) => {
    page.remember();
    page.change([["cores", String(row.cores)], ["workers", String(row.workers)]]);
    $("answer").focus();
  };

  const showAnswer = (document) => {
    shown.answer = read(document);
    page.words(document);
    page.table(document);
    page.same(document);
    draw();
  };

  const mainCell = (document) => document.explained ?? 0;

  /** A story begins with its first cell, where most wait. */
  const filmed = (document) => (document.timeline ? document.cells[0].at : mainCell(document));

  /** All stages of one question: `done` gets each; stops when a newer question is asked, and where
   *  one takes too long. */
  const stages = async (path, options, signal, done) => {
    for (let stage = 0; ; stage++) {
      const document = await page.get(path, [...options, ["_stage", stage]], signal);
      if (signal.aborted) return;
      done(document);
      if (document.stage.last || document.partial) return;
    }
  };

  /** A stage of the map or the curve: 1, and once the answer is as fine as it becomes, 2. */
  const beside = async (name, options, stage, signal) => {
    if (stage > 1 && (!shown[name] || shown[name].document.stage.last)) return;
    try {
      const document = await page.get(name, [...options, ["_stage", stage]], signal);
      if (signal.aborted || (stage > 1 && document.partial)) return;
      shown[name] = read(document);
      draw();
    } catch (error) {
      // A map or a curve that cannot be asked for is left out; the answer stands.
      if (!signal.aborted && stage === 1) page.hide(name);
    }
  };

  const TOO_LONG = "That takes longer than this page may. The command below has no limit.";

  /** The answer is as fine as it becomes: its curve is drawn. Resolves to what is drawn finer then. */
  const afterwards = async (options, signal) => {
    const { document } = shown.answer;
    if (!document.cells.length) return page.nothing();
    page.settle(options, filmed(document), document);
    const cell = [...options, ["_cell", mainCell(document)]];
    await beside("load", cell, 1, signal);
    return async () => {
      await beside("load", cell, 2, signal);
      await beside("map", options, 2, signal);
    };
  };

  const ask = async () => {
    controller.abort();
    controller = new AbortController();
    const { signal } = controller;
    const options = page.options();
    page.toAddress(options);
    const body = window.document.body;
    body.classList.add("busy");
    body.dataset.state = "asking";
    $("outdated").hidden = true;
    performance.mark("asked");
    let first = true;
    let map;
    try {
      await stages("answer", options, signal, (document) => {
        // A stage that ended for time may lack cells: what was shown before says more.
        if (!first && document.partial) return page.cutShort(TOO_LONG);
        // What stands beside the answer is of this question too.
        if (first) shown.map = shown.load = null;
        showAnswer(document);
        if (!first) return page.refined(document);
        first = false;
        performance.measure("first picture", "asked");
        $("problem").textContent = "";
        body.dataset.state = "refining";
        // Of an objective that nothing can meet there is a sentence, and no cell.
        if (!document.cells.length) return;
        page.film(options, filmed(document), document);
        map = beside("map", options, 1, signal);
      });
      const finer = await afterwards(options, signal);
      await map;
      if (signal.aborted) return;
      performance.measure("refined", "asked");
      body.dataset.state = "done";
      if (finer) finer();
    } catch (error) {
      if (signal.aborted) return;
      if (error.gone) {
        error.message += " This page asks again every few seconds.";
        page.returned(signal).then(() => signal.aborted || ask());
      }
      body.dataset.state = first ? "refused" : "done";
      if (!first) return page.cutShort(error.message);
      $("problem").textContent = error.message;
      $("outdated").hidden = !shown.answer;
    } finally {
      if (!signal.aborted) body.classList.remove("busy");
    }
  };

  const report = (document) => {
    window.document.body.classList.add("report");
    $("ask").remove();
    if (document.title) $("said").before(page.el("p", {}, document.title));
    for (const name of ["map", "load"]) {
      if (document[name]) shown[name] = read(document[name]);
    }
    // A sweep over workers and cores is its own map.
    shown.map = shown.map || read(document);
    showAnswer(document);
    if (document.film) {
      const cell = document.cells.find((one) => one.at === document.film.cell);
      document.film.table = cell && cell.shown.response_mean_s;
      page.showFilm(document.film);
    }
    // A part that is asked for was not there yet when the page was opened. (Scrolling it into view would
    // move a chapter that holds this report, too.)
    const part = $(location.hash.slice(1));
    if (part) window.scrollTo(0, part.offsetTop);
    window.document.body.dataset.state = "done";
  };

  const begin = async () => {
    page.lastTheme();
    $("theme").addEventListener("click", page.nextTheme);
    // Followed as a link it would take the token out of the address.
    window.document.querySelector(".skip").addEventListener("click", (event) => {
      event.preventDefault();
      $("answer").scrollIntoView();
      $("answer").focus({ preventScroll: true });
    });
    window.addEventListener("themed", draw);
    $("route").addEventListener("change", draw);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    let width = innerWidth;
    window.addEventListener("resize", () => {
      if (innerWidth !== width) draw();
      width = innerWidth;
    });
    page.motion();
    const document = await page.packed();
    if (document) return report(document);
    page.begin((delay) => {
      clearTimeout(timer);
      timer = setTimeout(ask, delay);
    });
  };
  // In a report the scripts stand before the page.
  if (window.document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
})();
