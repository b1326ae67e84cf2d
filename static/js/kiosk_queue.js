// Answers that wait to be sent. Each lies in IndexedDB from the moment in which it is given until the server has said
// that it has it; its id is made here, so that it counts once however often it is sent. Nothing is dropped after a time:
// what the server refuses stays, marked, until staff have saved it.

const [FIRST_PAUSE, LONGEST_PAUSE, PATIENCE] = [2_000, 300_000, 8_000];

export class Queue {
  constructor(token, onChange) {
    Object.assign(this, { token, onChange, home: `/k/${token}`, pause: FIRST_PAUSE, timer: 0, isSending: false });
    this.counts = { unsent: 0, refused: 0 };
    this.isOnline = navigator.onLine;
    this.memory = null; // where the browser keeps nothing
    this.waiting = new Map(); // id → what to call with the server's answer, while its guest stands here
    addEventListener("online", () => this.now());
    addEventListener("offline", () => this.heard(false));
  }

  async open() {
    try {
      this.base = await new Promise((resolve, reject) => {
        const asked = indexedDB.open(`kiosk-${this.token}`, 1);
        asked.onupgradeneeded = () => {
          asked.result.createObjectStore("answers", { keyPath: "uuid" });
          asked.result.createObjectStore("about");
        };
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
      });
    } catch {
      this.memory = { answers: new Map(), about: new Map() };
    }
    navigator.storage?.persist?.();
    await this.recount();
  }

  // ── What is kept ───────────────────────────────────────────────────────────────────────────────────────────────────

  does(store, mode, act) {
    return new Promise((resolve, reject) => {
      const change = this.base.transaction(store, mode, { durability: "strict" });
      const asked = act(change.objectStore(store));
      change.oncomplete = () => resolve(asked.result);
      change.onabort = change.onerror = () => reject(change.error);
    });
  }

  async keep(answer) {
    if (this.memory) this.memory.answers.set(answer.uuid, answer);
    else await this.does("answers", "readwrite", (store) => store.put(answer));
    await this.recount();
  }

  async forget(uuid) {
    if (this.memory) this.memory.answers.delete(uuid);
    else await this.does("answers", "readwrite", (store) => store.delete(uuid));
    await this.recount();
  }

  // The oldest first.
  async all() {
    const rows = this.memory
      ? [...this.memory.answers.values()]
      : await this.does("answers", "readonly", (store) => store.getAll());
    return rows.sort((one, other) => one.kept_at - other.kept_at);
  }

  async about(name) {
    return this.memory ? this.memory.about.get(name) : this.does("about", "readonly", (store) => store.get(name));
  }

  async note(name, value) {
    if (this.memory) this.memory.about.set(name, value);
    else await this.does("about", "readwrite", (store) => store.put(value, name));
  }

  async recount() {
    const rows = await this.all();
    const refused = rows.filter((row) => row.refused).length;
    this.counts = { unsent: rows.length - refused, refused };
    this.onChange();
  }

  // ── The server ─────────────────────────────────────────────────────────────────────────────────────────────────────

  // Returns { status, body }; status 0 where nobody answered in time. Each answer of ours says the server's time.
  async post(path, body) {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), PATIENCE);
    const sentAt = Date.now();
    try {
      const answer = await fetch(`${this.home}/${path}`, {
        method: "POST",
        credentials: "omit",
        cache: "no-store",
        headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
        body: JSON.stringify(body),
        signal: giveUp.signal,
      });
      const said = await answer.json().catch(() => null);
      if (said?.now) await this.setClock(said.now - (sentAt + Date.now()) / 2);
      this.heard(answer.status < 500 && said !== null);
      return { status: said === null ? 0 : answer.status, body: said };
    } catch {
      this.heard(false);
      return { status: 0, body: null };
    } finally {
      clearTimeout(timer);
    }
  }

  heard(isOnline) {
    if (isOnline !== this.isOnline) {
      this.isOnline = isOnline;
      this.onChange();
    }
  }

  async setClock(offset) {
    this.offset = Math.round(offset);
    await this.note("offset", this.offset);
  }

  // What to add to this tablet's clock for the server's, as last measured.
  async clock() {
    this.offset ??= (await this.about("offset")) ?? null;
    return this.offset;
  }

  async add(answer, onSent) {
    const clock = await this.clock();
    await this.keep({ ...answer, offset: clock ?? 0, is_clock_known: clock !== null, kept_at: Date.now() });
    if (onSent) this.waiting.set(answer.uuid, onSent);
    this.now();
  }

  now() {
    clearTimeout(this.timer);
    this.pause = FIRST_PAUSE;
    return this.send();
  }

  // Sends what waits, and comes back later, ever later, for what could not be sent.
  async send() {
    if (this.isSending) {
      this.isWanted = true;
      return;
    }
    this.isSending = true;
    let isThrough = true;
    try {
      do {
        this.isWanted = false;
        isThrough = await this.sendAll();
      } while (this.isWanted && isThrough);
    } finally {
      this.isSending = false;
    }
    clearTimeout(this.timer);
    if (!isThrough) {
      this.timer = setTimeout(() => this.send(), this.pause * (0.75 + Math.random() / 2));
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    }
  }

  async sendAll() {
    const rows = (await this.all()).filter((row) => !row.refused);
    // Who waits for a coupon is not kept waiting by those who have gone.
    rows.sort((one, other) => this.waiting.has(other.uuid) - this.waiting.has(one.uuid));
    for (const row of rows) {
      if (!(await this.sendOne(row))) return false;
    }
    return true;
  }

  async sendOne(row) {
    if (!row.is_clock_known && this.offset === undefined) {
      await this.post("heartbeat", {});
    }
    const { kept_at, is_clock_known, ...answer } = row;
    const onSent = this.waiting.get(row.uuid);
    let said = await this.post("answers", { ...answer, offset: this.offsetOf(row), is_waiting: Boolean(onSent) });
    if (said.body?.error?.code === "bad_clock" && this.offset !== undefined && this.offset !== row.offset) {
      said = await this.post("answers", { ...answer, offset: this.offset, is_waiting: Boolean(onSent) });
    }
    if (said.status === 201) {
      await this.forget(row.uuid);
    } else if (said.status >= 400 && said.status < 500 && ![408, 429].includes(said.status)) {
      await this.keep({ ...row, refused: said.body.error?.code ?? String(said.status) });
    } else {
      return false;
    }
    this.waiting.delete(row.uuid);
    onSent?.(said.body);
    return true;
  }

  offsetOf(row) {
    return row.is_clock_known ? row.offset : this.offset ?? 0;
  }

  async tryAgain() {
    for (const { refused, ...row } of await this.all()) {
      if (refused) await this.keep(row);
    }
    await this.now();
  }

  // All that waits, as the shop's back office imports it.
  async file() {
    const answers = (await this.all()).map((row) => {
      const { kept_at, is_clock_known, ...answer } = row;
      return { ...answer, offset: this.offsetOf(row), placement: this.token };
    });
    const content = { kind: "wanamaker-answers", format: 1, saved_at: new Date().toISOString(), answers };
    return new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
  }
}
