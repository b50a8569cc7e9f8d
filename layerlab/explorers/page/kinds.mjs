// Every kind of picture: the one list of them, read by ../code.py too. In a notebook, only those it uses take this place.

import curves from "../kinds/curves.mjs";
import heat from "../kinds/heat.mjs";
import plane from "../kinds/plane.mjs";
import sliding from "../kinds/window.mjs";
import shared from "../kinds/shared.mjs";
import paths from "../kinds/paths.mjs";
import depth from "../kinds/depth.mjs";

/**
 * draw(picture, plan, numbers, width): fills the SVG and returns its height.
 * legend(plan): list items. tables(plan, numbers): [{ name, columns, rows of words }].
 * edit(plan, numbers, changes), where cells can be changed or points dragged: the numbers that follow from `changes`, a Map
 *   of key -> { from, to }; what the controls have changed since is taken out of it. original(numbers, key): what it was.
 * readings(plan, numbers): [[name, words]] that stand below the picture.
 * handles(plan, numbers, picture), where points can be dragged. hint: what can be changed, and how.
 * last(numbers), where there are step-throughs: the last position that shows something new.
 */
export const KINDS = { curves, depth, heat, paths, plane, shared, window: sliding };
