// Every kind of picture. In a notebook, only those it uses take this place: see explorer_code.py.

import curves from "./explorer_curves.mjs";
import depth from "./explorer_depth.mjs";
import heat from "./explorer_heat.mjs";
import paths from "./explorer_paths.mjs";
import plane from "./explorer_plane.mjs";
import shared from "./explorer_shared.mjs";
import sliding from "./explorer_window.mjs";

/**
 * draw(picture, plan, numbers, width): fills the SVG and returns its height.
 * legend(plan): list items. tables(plan, numbers): [{ name, columns, rows of words }].
 * last(numbers), where there are step-throughs: the last position that shows something new.
 */
export const KINDS = { curves, depth, heat, paths, plane, shared, window: sliding };
