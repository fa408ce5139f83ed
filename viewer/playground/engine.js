// The simulator's module in JavaScript: a request as an object in, an answer as an object out.
// It runs in a worker of the page, in the page itself, and in node.

/** A run of the program has ended the module, as an abort or a crash ends a process. */
export class EngineCrash extends Error {
    /** @param {number} seed the seed that ran @param {string} output what the program has printed */
    constructor(seed, output) {
        super(output.trim() || "the run ended the simulator's module");
        this.seed = seed;
    }
}

const errno = { success: 0, badf: 8, nosys: 52 };

export class Engine {
    /** @param {WebAssembly.Module} module the simulator, compiled */
    constructor(module) {
        this.module = module;
        this.output = "";
        this.start();
    }

    /** A new instance, with nothing left of earlier calls. */
    start() {
        const imports = { wasi_snapshot_preview1: this.system() };
        this.instance = new WebAssembly.Instance(this.module, imports);
        /** @type {any} */
        this.exports = this.instance.exports;
        this.exports._initialize();
    }

    /**
     * What the module needs of a system: a place to print to. Everything else of WASI that its C
     * library refers to is not there.
     */
    system() {
        const decoder = new TextDecoder();
        const known = {
            /** @type {(file: number, parts: number, count: number, written: number) => number} */
            fd_write: (_file, parts, count, written) => {
                const memory = new DataView(this.exports.memory.buffer);
                let size = 0;
                for (let i = 0; i < count; ++i) {
                    const at = memory.getUint32(parts + 8 * i, true);
                    const length = memory.getUint32(parts + 8 * i + 4, true);
                    const bytes = new Uint8Array(this.exports.memory.buffer, at, length);
                    this.output += decoder.decode(bytes);
                    size += length;
                }
                memory.setUint32(written, size, true);
                return errno.success;
            },
            /** @type {(status: number) => never} */
            proc_exit: (status) => {
                throw new Error(`the module has exited with status ${status}`);
            },
            fd_prestat_get: () => errno.badf,
            environ_sizes_get: (/** @type {number} */ count, /** @type {number} */ size) => {
                const memory = new DataView(this.exports.memory.buffer);
                memory.setUint32(count, 0, true);
                memory.setUint32(size, 0, true);
                return errno.success;
            },
            environ_get: () => errno.success,
        };
        return new Proxy(known, {
            get: (functions, name) => Reflect.get(functions, name) ?? (() => errno.nosys),
        });
    }

    /**
     * Throws EngineCrash if the run ends the module; the engine can be used again afterwards.
     * @param {object} request
     * @returns {any}
     */
    call(request) {
        const bytes = new TextEncoder().encode(JSON.stringify(request));
        const input = this.exports.drydock_request(bytes.length);
        new Uint8Array(this.exports.memory.buffer, input, bytes.length).set(bytes);
        this.output = "";
        try {
            const at = this.exports.drydock_answer();
            const size = this.exports.drydock_answer_size();
            const answer = new Uint8Array(this.exports.memory.buffer, at, size);
            return JSON.parse(new TextDecoder().decode(answer));
        } catch (error) {
            if (error instanceof SyntaxError) throw error;
            const crash = new EngineCrash(this.exports.drydock_seed(), this.output);
            this.start();
            throw crash;
        }
    }
}
