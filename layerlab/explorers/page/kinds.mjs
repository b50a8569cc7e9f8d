// The only list of the kinds of pictures; ../code.py reads it too. A notebook gets only the kinds it uses instead.

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
 * edit(plan, numbers, changes), if cells can be changed or points dragged: the numbers resulting from `changes`, a Map
 *   of key -> { from, to }; it deletes what the controls changed since. original(numbers, key): the original value.
 * readings(plan, numbers): [[name, words]] below the picture.
 * handles(plan, numbers, picture), if points can be dragged. hint: what can be changed, and how.
 * last(numbers), if there are step-throughs: the last position that shows something new.
 */
export const KINDS = { curves, depth, heat, paths, plane, shared, window: sliding };
