// AbortController and AbortSignal.
export default function (host) {
  const { define, now, setTimer, clearTimer } = host;
  const milliseconds = () => now() / 1000;

  function reasonOf(name, message) {
    const error = new Error(message);
    error.name = name;
    return error;
  }

  class AbortSignal {
    #aborted = false;
    #reason;
    #listeners = [];
    #deadline;
    #timer;
    onabort = null;

    // The controller's way in.
    static #abort = (signal, reason) => signal.#end(reason);

    static {
      host.abortSignal = AbortSignal.#abort;
    }

    static abort(reason) {
      const signal = new AbortSignal();
      signal.#end(reason);
      return signal;
    }

    static timeout(wait) {
      const signal = new AbortSignal();
      signal.#deadline = milliseconds() + Math.max(0, Number(wait) || 0);
      return signal;
    }

    static any(signals) {
      const any = new AbortSignal();
      for (const signal of signals) {
        if (signal.aborted) {
          any.#end(signal.reason);
          break;
        }
        signal.addEventListener("abort", () => any.#end(signal.reason));
      }
      return any;
    }

    get aborted() {
      if (!this.#aborted && this.#deadline !== undefined && milliseconds() >= this.#deadline) {
        this.#expire();
      }
      return this.#aborted;
    }

    get reason() {
      return this.aborted ? this.#reason : undefined;
    }

    throwIfAborted() {
      if (this.aborted) {
        throw this.#reason;
      }
    }

    addEventListener(type, listener) {
      if (type === "abort" && !this.#listeners.includes(listener)) {
        this.#listeners.push(listener);
        this.#arm();
      }
    }

    removeEventListener(type, listener) {
      this.#listeners = this.#listeners.filter((own) => type !== "abort" || own !== listener);
      this.#arm();
    }

    // A timer keeps the run alive, so there is one only while somebody listens.
    #arm() {
      const wanted = this.#deadline !== undefined && !this.#aborted && this.#listeners.length > 0;
      if (wanted && this.#timer === undefined) {
        this.#timer = setTimer(() => this.#expire(), Math.max(0, this.#deadline - milliseconds()), false);
      } else if (!wanted && this.#timer !== undefined) {
        clearTimer(this.#timer);
        this.#timer = undefined;
      }
    }

    #expire() {
      this.#end(reasonOf("TimeoutError", "The operation was aborted due to timeout"));
    }

    #end(reason = reasonOf("AbortError", "This operation was aborted")) {
      if (this.#aborted) {
        return;
      }
      this.#aborted = true;
      this.#reason = reason;
      const listeners = this.#listeners.splice(0);
      this.#arm();
      const event = { type: "abort", target: this };
      for (const listener of [this.onabort, ...listeners]) {
        if (typeof listener === "function") {
          listener.call(this, event);
        } else {
          listener?.handleEvent?.(event);
        }
      }
    }
  }

  class AbortController {
    #signal = new AbortSignal();

    get signal() {
      return this.#signal;
    }

    abort(reason) {
      host.abortSignal(this.#signal, reason);
    }
  }

  define(globalThis, "AbortSignal", AbortSignal);
  define(globalThis, "AbortController", AbortController);
}
