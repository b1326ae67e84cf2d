// A second of work before the last step, where answers from this network are suspected (surveys/suspicion.py).
// SHA-256 is written out: crypto.subtle is not there without HTTPS, and asking it for each of many short texts is slower.
"use strict";

(() => {
  const form = document.getElementById("answers");
  const proof = document.getElementById("proof");
  const { seed, finish } = proof.dataset;
  const [puzzles, bits, wait] = ["puzzles", "bits", "wait"].map((name) => Number(proof.dataset[name]));
  let isSent = false;

  function send() {
    if (isSent) return;
    isSent = true;
    if (finish) {
      // Which of two buttons was pressed.
      const pressed = document.createElement("input");
      Object.assign(pressed, { type: "hidden", name: "finish", value: finish });
      form.append(pressed);
    }
    form.submit();
  }

  // Whatever becomes of the work: who has waited may go on.
  setTimeout(send, (wait + 1) * 1000);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("pause").remove();
  const checking = document.getElementById("checking");
  // A little later, so that it is read out as news.
  setTimeout(() => {
    checking.className = "note";
    checking.textContent = checking.dataset.said;
  }, 50);

  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) {
    if (primes.every((prime) => n % prime)) primes.push(n);
  }
  const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  const K = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
  const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
  const W = new Int32Array(64);
  const turn = (x, by) => (x >>> by) | (x << (32 - by));

  // Returns the first 32 bits of the SHA-256 of a text of at most 55 plain letters.
  function firstWord(text) {
    W.fill(0, 0, 16);
    for (let i = 0; i < text.length; i += 1) {
      W[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
    }
    W[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
    W[15] = 8 * text.length;
    for (let i = 16; i < 64; i += 1) {
      const [x, y] = [W[i - 15], W[i - 2]];
      W[i] = (W[i - 16] + W[i - 7] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, h] = START;
    for (let i = 0; i < 64; i += 1) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0;
      d = c; c = b; b = a; a = (one + two) | 0;
    }
    return (a + START[0]) >>> 0;
  }

  const found = [];
  let number = 0;

  // Works for some hundredths of a second at a time, so that the page still scrolls.
  function work() {
    const end = Date.now() + 40;
    while (found.length < puzzles && Date.now() < end) {
      for (let tries = 0; tries < 200; tries += 1, number += 1) {
        if (firstWord(`${seed}:${found.length}:${number}`) >>> (32 - bits) === 0) {
          found.push(number);
          number = 0;
          break;
        }
      }
    }
    if (found.length < puzzles) return setTimeout(work, 0);
    proof.value = found.join(",");
    return send();
  }

  work();
})();
