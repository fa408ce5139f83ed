// The page's side of a worker: calls that are answered in order, with a limit of time.

export class EngineClient {
    /**
     * @param {WebAssembly.Module} module
     * @param {string} workerSource the bundled worker.js
     */
    constructor(module, workerSource) {
        this.module = module;
        this.url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
        this.lastId = 0;
        /** @type {Map<number, {resolve: (answer: any) => void, reject: (reason: any) => void}>} */
        this.waiting = new Map();
        this.worker = this.start();
    }

    /** A new worker, which knows the module. */
    start() {
        const worker = new Worker(this.url);
        worker.onmessage = ({ data }) => {
            const call = this.waiting.get(data.id);
            if (call === undefined) return;
            this.waiting.delete(data.id);
            if (data.crash === undefined) call.resolve(data.answer);
            else
                call.reject(
                    Object.assign(new Error(data.crash.message), { seed: data.crash.seed }),
                );
        };
        worker.postMessage({ module: this.module });
        return worker;
    }

    /** Ends what runs: its calls are rejected, and the next call has a new worker. @param {string} why */
    stop(why) {
        this.worker.terminate();
        for (const call of this.waiting.values()) call.reject(new Error(why));
        this.waiting.clear();
        this.worker = this.start();
    }

    /**
     * @param {object} request
     * @param {number} [limit] milliseconds; a run that takes longer is ended
     * @returns {Promise<any>}
     */
    call(request, limit = 20_000) {
        const id = ++this.lastId;
        return new Promise((resolve, reject) => {
            const seconds = limit / 1000;
            const timer = setTimeout(
                () => this.stop(`The run did not end within ${seconds} seconds.`),
                limit,
            );
            const settle =
                (/** @type {(value: any) => void} */ settled) => (/** @type {any} */ value) => {
                    clearTimeout(timer);
                    settled(value);
                };
            this.waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
            this.worker.postMessage({ id, request });
        });
    }
}
