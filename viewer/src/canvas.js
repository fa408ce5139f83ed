// Paints shapes on a canvas.

/** @typedef {import("./scene.js").Shape} Shape */
/** @typedef {import("./theme.js").Theme} Theme */

const family = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** @param {CanvasRenderingContext2D} context @param {number[]} points @param {boolean} close */
function trace(context, points, close) {
    context.beginPath();
    context.moveTo(points[0] ?? 0, points[1] ?? 0);
    for (let i = 2; i < points.length; i += 2) context.lineTo(points[i] ?? 0, points[i + 1] ?? 0);
    if (close) context.closePath();
}

/** @param {CanvasRenderingContext2D} context @param {Shape} shape @param {Theme} theme */
function paint(context, shape, theme) {
    const fill = shape.fill === undefined ? undefined : theme[shape.fill];
    if (shape.shape === "text") {
        context.fillStyle = fill ?? "#000";
        context.font = `${shape.bold ? "700 " : ""}${shape.size}px ${family}`;
        context.textAlign = shape.anchor === "middle" ? "center" : shape.anchor;
        context.fillText(shape.text, shape.x, shape.y);
        return;
    }
    if (shape.shape === "rect" && shape.stroke === undefined && shape.r === 0) {
        context.fillStyle = fill ?? "#000";
        context.fillRect(shape.x, shape.y, shape.w, shape.h);
        return;
    }
    if (shape.shape === "rect") {
        context.beginPath();
        context.roundRect(
            shape.x,
            shape.y,
            shape.w,
            shape.h,
            Math.min(shape.r, shape.w / 2, shape.h / 2),
        );
    } else {
        trace(context, shape.points, shape.close === true);
    }
    if (fill !== undefined) {
        context.fillStyle = fill;
        context.fill();
    }
    if (shape.stroke === undefined) return;
    context.strokeStyle = theme[shape.stroke] ?? "#000";
    context.lineWidth = shape.width ?? 1;
    context.setLineDash(shape.dash ?? []);
    context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Shape[]} shapes
 * @param {Theme} theme
 */
export function paintCanvas(context, shapes, theme) {
    for (const shape of shapes) {
        context.globalAlpha = shape.shape === "text" ? 1 : (shape.alpha ?? 1);
        paint(context, shape, theme);
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
}
