// The question: a form, the address of the page, and the presets say the same options.
(function () {
  "use strict";
  const page = window.simsrv;
  const { $, el } = page;
  const form = () => $("question");
  const fields = () => [...form().querySelectorAll("[name]")];

  /** Options as pairs, in the order of the form; those without a field come last. */
  page.options = () => {
    // Routes stand one on a line; as an option they are one text.
    const text = (field) => field.value.split("\n").map((line) => line.trim()).filter(Boolean).join(" | ");
    const given = fields().map((field) => [field.name, text(field)]);
    const others = $("others").value.split("\n").map((line) => {
      const at = line.indexOf("=");
      // A name alone is a switch, which has no value.
      const alone = () => [line.trim(), page.known.options.some((one) => one.name === line.trim() && one.value) ? "" : "true"];
      return at < 0 ? alone() : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
    return given.concat(others).filter(([name, text]) => name && text);
  };

  /** Fills the form. */
  page.fill = (options) => {
    const left = new Map(options);
    for (const field of fields()) {
      const text = left.get(field.name) || "";
      // A word that no choice has is refused with a sentence, not passed over.
      if (text && field.tagName === "SELECT" && ![...field.options].some((one) => one.value === text)) field.append(el("option", { value: text }, text));
      field.value = field.name === "route" ? text.replaceAll(" | ", "\n") : text;
      left.delete(field.name);
    }
    $("others").value = [...left].map(([name, text]) => name + " = " + text).join("\n");
    if (left.size > 1 || (left.size === 1 && !left.has("precision"))) $("more").open = true;
    widen();
  };

  /** A text that is longer than its field gets a line of its own, and smaller letters. */
  const widen = () => {
    for (const field of fields()) {
      const { classList } = field.closest("label");
      classList.remove("long");
      field.closest("fieldset").classList.remove("wide");
      classList.toggle("long", field.scrollWidth > field.clientWidth);
    }
    for (const field of fields()) {
      if (field.scrollWidth > field.clientWidth) field.closest("fieldset").classList.add("wide");
    }
  };

  /** Changes one option and asks again. */
  page.change = (changes) => {
    const options = new Map(page.options());
    for (const [name, text] of changes) options.set(name, text);
    page.fill([...options]);
    form().dispatchEvent(new Event("input", { bubbles: true }));
  };

  page.toAddress = (options) => {
    const query = new URLSearchParams(options).toString();
    history.replaceState(null, "", (query ? "?" + query : location.pathname) + location.hash);
  };

  /** Keeps the question that is asked now, so that Back leads to it. */
  page.remember = () => history.pushState(null, "", location.href);

  const pressed = (chosen) => {
    for (const button of $("presets").children) {
      button.setAttribute("aria-pressed", String(button === chosen));
    }
  };

  /** A log becomes the question: its traffic, and workers around what it needs. Until it is read the question before goes on. */
  const fit = async (file, changed) => {
    $("learned").hidden = false;
    // What the log cannot tell is said there.
    $("learned").open = true;
    $("problem").textContent = "";
    $("learned-text").textContent = `Reading ${file.name} …`;
    try {
      // What a preset says is not what the user knows.
      const typed = $("presets").querySelector("[aria-pressed=true]") ? [] : page.options();
      const known = typed.filter(([name]) => ["workers", "threads", "cores", "class"].includes(name));
      const format = $("log-format").value.trim();
      const fitted = await page.send("fit", [...known, ["_name", file.name], ...(format ? [["_format", format]] : [])], file);
      $("learned-text").textContent = fitted.text;
      const options = new Map(fitted.options);
      const kept = known.concat(typed.filter(([name]) => name === "slo"));
      for (const [name, text] of kept) if (!options.has(name)) options.set(name, text);
      page.remember();
      page.fill([...options]);
      pressed(null);
      $("lesson").textContent = "";
      changed(0);
    } catch (error) {
      $("learned-text").textContent = error.message;
      $("learned").scrollIntoView({ block: "nearest" });
    }
  };

  const logs = (changed) => {
    let last = null;
    const read = (file) => {
      last = file;
      if (file) fit(file, changed);
    };
    $("log").addEventListener("change", () => {
      read($("log").files[0]);
      // So that the same file can be chosen again.
      $("log").value = "";
    });
    $("log-format").addEventListener("change", () => read(last));
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      read(event.dataTransfer.files[0]);
    });
  };

  /** Builds what the form needs, and fills it from the address, else with the first preset. */
  page.begin = (changed) => {
    const { presets, options, servers } = page.known;
    const select = form().querySelector("[name=server]");
    select.append(...servers.map((name) => el("option", { value: name }, name)));
    if (!options.some((option) => option.name === "slo")) form().querySelector(".slo").remove();
    for (const option of options) {
      $("options").append(el("dt", {}, option.name + (option.value && " = " + option.value)), el("dd", {}, option.help));
      const field = form().querySelector(`[name="${option.name}"]`);
      if (field) field.title = option.help;
    }
    for (const preset of presets) {
      const button = el("button", { type: "button", "aria-pressed": "false" }, preset.name);
      button.addEventListener("click", () => {
        if (location.search) page.remember();
        page.fill(preset.options);
        pressed(button);
        $("learned").hidden = true;
        $("lesson").textContent = preset.lesson;
        changed(0);
      });
      $("presets").append(button);
    }
    logs(changed);
    form().addEventListener("change", widen);
    addEventListener("resize", widen);
    form().addEventListener("submit", (event) => event.preventDefault());
    form().addEventListener("input", () => {
      pressed(null);
      $("lesson").textContent = "";
      changed(250);
    });
    const fromAddress = () => {
      const given = [...new URLSearchParams(location.search)];
      if (!given.length) return $("presets").firstChild.click();
      pressed(null);
      $("lesson").textContent = "";
      page.fill(given);
      changed(0);
    };
    addEventListener("popstate", fromAddress);
    fromAddress();
  };
})();
