// What the page does by itself between what it asks of the program.
//
// Markup says what it asks for: an element with data-act when it is used, one with data-then as soon as it is there.
// Its other data- attributes go along. No text becomes markup here: it comes escaped, or is set as text.
const counterpoint = (() => {
  const own = { example: (at) => ask(at.textContent), again: (at) => again(at), new: () => forget(), unlimit: type };

  // passes on what is asked for inside a part of the page
  function hear(element, trigger, events) {
    const act = (at, more) => {
      const asked = at?.dataset.act;
      if (asked === "remove" && !confirm(at.getAttribute("aria-label") + "?")) return;
      own[asked]?.(at);
      if (events.includes(asked)) trigger(asked, { ...at.dataset, ...more });
    };
    element.addEventListener("click", (event) => act(event.target.closest("button[data-act]")));
    element.addEventListener("change", (event) => {
      act(event.target.closest("input[data-act]"), { on: event.target.checked });
    });
  }

  // asks on for what is shown, as long as it wants that
  function follow(element, trigger, watch) {
    watch("value", () => {
      const next = element.querySelector("[data-then]");
      if (next) trigger(next.dataset.then, { ...next.dataset });
    });
  }

  // the conversation: one turn at a time is in the works, those asked meanwhile wait
  let log, work, asked = 0, working = "";

  function converse(element, trigger, props, watch) {
    log = element.firstElementChild;
    const number = (turn) => turn.id.slice(3);
    work = (turn) => {
      const first = number(log.firstElementChild);
      trigger(turn.dataset.then, { turn: number(turn), first, question: turn.dataset.question });
    };
    watch("value", () => place(props.value));
  }

  function listen(element) {
    const box = element.querySelector("textarea");
    const send = (event) => {
      event.preventDefault();
      if (box.value.trim()) ask(box.value);
      box.value = "";
    };
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
    });
    box.form.addEventListener("submit", send);
    type();
  }

  // where a button that was used is gone, a reader by keyboard goes on here
  function type() {
    document.querySelector("#cp-box textarea").focus({ preventScroll: true });
  }

  function ask(question) {
    const turn = made(log.dataset.pending);
    turn.id = `cp-${++asked}`;
    turn.dataset.question = question;
    turn.querySelector(".cp-question").textContent = question.trim();
    log.append(turn);
    while (log.children.length > log.dataset.most) log.firstElementChild.remove();
    if (turn.previousElementSibling) turn.scrollIntoView({ block: "start" });
    go();
  }

  function go() {
    const turn = log.querySelector("[data-then]");
    if (working || !turn) return;
    working = turn.id;
    work(turn);
  }

  function made(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild;
  }

  function place(html) {
    const turn = made(html);
    const old = turn && document.getElementById(turn.id);
    if (old) renew(old, turn);
    done(turn?.id);
  }

  function done(id) {
    if (id !== working) return;
    working = "";
    go();
  }

  function again(at) {
    const said = at.closest("p");
    said.closest(".cp-turn").dataset.then = at.dataset.next;
    said.className = "cp-quiet cp-busy";
    said.textContent = at.dataset.busy;
    type();
    go();
  }

  // no word came of the turn in the works
  function failed() {
    const turn = document.getElementById(working);
    if (!turn) return;
    delete turn.dataset.then;
    const said = turn.querySelector(".cp-busy");
    if (said) said.className = "cp-message";
    if (said) said.textContent = log.dataset.failed;
    done(turn.id);
  }

  function forget() {
    log.replaceChildren();
    working = "";
    type();
  }

  function reopen() {
    const question = new URLSearchParams(location.search).get("q");
    if (question) ask(question);
  }

  // makes an element like another with as little change as can be: what a reader has opened stays open
  function renew(old, now) {
    if (old.isEqualNode(now)) return;
    if (old.nodeType !== Node.ELEMENT_NODE || old.nodeName !== now.nodeName) return old.replaceWith(now);
    for (const { name } of [...old.attributes]) {
      if (!now.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    }
    for (const { name, value } of now.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    const [before, after] = [[...old.childNodes], [...now.childNodes]];
    before.slice(after.length).forEach((child) => child.remove());
    after.forEach((child, at) => (before[at] ? renew(before[at], child) : old.append(child)));
  }

  // copies or saves a conversation, and says so
  async function take(taken) {
    if (!taken) return;
    document.getElementById("cp-save")?.hidePopover();
    tell(taken.name ? save(taken) : await copy(taken.text));
  }

  function save({ name, type, text }) {
    const file = document.createElement("a");
    file.href = URL.createObjectURL(new Blob([text], { type }));
    file.download = name;
    file.click();
    setTimeout(() => URL.revokeObjectURL(file.href), 10000);
    return `Saved as ${name}.`;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text.startsWith("?") ? location.origin + location.pathname + text : text);
      return "Copied.";
    } catch {
      return "The browser does not allow copying here.";
    }
  }

  function tell(said) {
    const told = document.createElement("div");
    told.className = "cp-told";
    told.setAttribute("role", "status");
    document.querySelector("#cp-talk").append(told);
    told.textContent = said;
    setTimeout(() => told.remove(), 4000);
  }

  function uncheck() {
    document.querySelectorAll("input[data-act]").forEach((box) => (box.checked = false));
  }

  return { hear, follow, converse, listen, failed, reopen, take, uncheck };
})();
