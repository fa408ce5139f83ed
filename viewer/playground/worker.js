// The worker of the page: the simulator runs here, so that the page stays responsive.
import { Engine, EngineCrash } from "./engine.js";

/** @type {Engine | undefined} */
let engine;

onmessage = ({ data }) => {
    if (data.module !== undefined) {
        engine = new Engine(data.module);
        return;
    }
    try {
        postMessage({ id: data.id, answer: /** @type {Engine} */ (engine).call(data.request) });
    } catch (error) {
        const { message } = /** @type {Error} */ (error);
        const seed = error instanceof EngineCrash ? error.seed : undefined;
        postMessage({ id: data.id, crash: { message, seed } });
    }
};
