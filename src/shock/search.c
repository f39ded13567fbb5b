/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The infimum of h on a finite closed interval: best-first branch and bound on Taylor forms, convex
    cells handed to an interval Newton iteration.

    What is kept true throughout [SHOCK-5]: a global minimiser where h < 0 lies in a cell of the
    heap, in the zone of a place, or is an end listed as a place; and inf h <= ceiling, unless the ceiling is
    still 0.
*/

#include <math.h>
#include <stdlib.h>
#include "shock_internal.h"

/* Cells **************************************************************************************/

/* Enclosures of core_lower + core_width t; the working precision follows the depth, so that thin
   cells stay apart. */
void
fraction_ball(arb_t x, const work_struct * work, const fmpz_t k, slong level, slong prec)
{
    arb_t t, lower;
    slong working = FLINT_MAX(prec, level + SEARCH_PRECISION);

    arb_init(t);
    arb_init(lower);
    arb_set_fmpz(t, k);
    arb_mul_2exp_si(t, t, -level);
    arb_set_fmpq(x, work->core_width, working);
    arb_set_fmpq(lower, work->core_lower, working);
    arb_mul(x, x, t, working);
    arb_add(x, x, lower, working);
    arb_clear(t);
    arb_clear(lower);
}

void
cell_ball(arb_t x, const work_struct * work, const fmpz_t lower, const fmpz_t upper, slong level, slong prec)
{
    fmpz_t twice, length;
    arb_t radius;

    fmpz_init(twice);
    fmpz_init(length);
    arb_init(radius);
    fmpz_add(twice, lower, upper);
    fmpz_sub(length, upper, lower);
    fraction_ball(x, work, twice, level + 1, prec);
    arb_set_fmpq(radius, work->core_width, MAG_BITS);
    arb_mul_fmpz(radius, radius, length, MAG_BITS);
    arb_mul_2exp_si(radius, radius, -level - 1);
    arb_add_error(x, radius);
    fmpz_clear(twice);
    fmpz_clear(length);
    arb_clear(radius);
}

static int
cell_less(const cell_struct * a, const cell_struct * b)
{
    return arf_cmp(a->lower, b->lower) < 0;
}

static void
heap_swap(cell_struct * a, cell_struct * b)
{
    cell_struct c = *a;
    *a = *b;
    *b = c;
}

static void
heap_push(work_struct * work, const fmpz_t k, slong level, const arf_t lower)
{
    cell_struct * heap;
    slong i;

    if (work->heap_length == work->heap_capacity)
    {
        work->heap_capacity = 2 * work->heap_capacity + 32;
        work->heap = flint_realloc(work->heap, work->heap_capacity * sizeof(cell_struct));
    }
    heap = work->heap;
    i = work->heap_length++;
    fmpz_init_set(heap[i].k, k);
    heap[i].level = level;
    arf_init(heap[i].lower);
    arf_set(heap[i].lower, lower);
    for (; i > 0 && cell_less(heap + i, heap + (i - 1) / 2); i = (i - 1) / 2)
        heap_swap(heap + i, heap + (i - 1) / 2);
}

static void
heap_pop(cell_struct * top, work_struct * work)
{
    cell_struct * heap = work->heap;
    slong i = 0, child;

    *top = heap[0];
    heap[0] = heap[--work->heap_length];
    while ((child = 2 * i + 1) < work->heap_length)
    {
        if (child + 1 < work->heap_length && cell_less(heap + child + 1, heap + child))
            child++;
        if (!cell_less(heap + child, heap + i))
            break;
        heap_swap(heap + child, heap + i);
        i = child;
    }
}

static void
cell_clear(cell_struct * cell)
{
    fmpz_clear(cell->k);
    arf_clear(cell->lower);
}

static void
heap_empty(work_struct * work)
{
    while (work->heap_length > 0)
        cell_clear(work->heap + --work->heap_length);
}

/* Bounds *************************************************************************************/

/* Whether nothing at or above the bound matters: h >= 0 there, or h > ceiling >= inf h. */
static int
is_irrelevant(const work_struct * work, const arf_t lower)
{
    return arf_sgn(lower) >= 0 || arf_cmp(lower, work->ceiling) > 0;
}

/* The value is taken in the region, or is a limit of such values. */
static void
lower_ceiling(work_struct * work, const arb_t value)
{
    arf_t upper;

    if (!arb_is_finite(value))
        return;
    arf_init(upper);
    arb_get_ubound_arf(upper, value, SEARCH_PRECISION + FLINT_MAX(work->precision, arb_bits(value)));
    if (arf_cmp(upper, work->ceiling) < 0)
        arf_set(work->ceiling, upper);
    if (arf_cmpabs(upper, work->scale) > 0)
        arf_abs(work->scale, upper);
    arf_clear(upper);
}

/* [SHOCK-6] lower = max over the Taylor form
     h(c + d) >= H_0 - |H_1| R + sum_(2 <= i <= n) (even i: min(0, H_i), odd i: -|H_i|) R^i,
   its convex variant H_0 - H_1^2/(4 H_2) for n = 2 and H_2 > 0, and what `lower` held before.
   H_i = h^(i)(c)/i! for i < n, and over the whole cell for i = n. slope: encloses h' on the cell. */
static void
taylor_bounds(arf_t lower, arb_t slope, arb_srcptr at, arb_srcptr over, const mag_t radius, slong n, slong prec)
{
    arb_t bound, term, r, power;
    arf_t x;
    slong i;

    arb_init(bound);
    arb_init(term);
    arb_init(r);
    arb_init(power);
    arf_init(x);

    arf_set_mag(arb_midref(r), radius);
    arb_set(bound, at);
    arb_set(slope, at + 1);
    arb_one(power);
    for (i = 1; i <= n; i++)
    {
        arb_srcptr h = i < n ? at + i : over + i;

        if (i >= 2)
        {
            /* i H_i d^(i-1) */
            arb_mul(term, h, power, prec);
            arb_mul_ui(term, term, (ulong) i, prec);
            arb_get_mag(arb_radref(term), term);
            arf_zero(arb_midref(term));
            arb_add_error(slope, term);
            mag_zero(arb_radref(term));
        }
        arb_mul(power, power, r, prec);
        if (i % 2 == 0 && arb_is_nonnegative(h))
            continue;
        if (i % 2 == 0)
        {
            arb_get_lbound_arf(x, h, prec);
            arb_set_arf(term, x);
            arb_addmul(bound, term, power, prec);
        }
        else
        {
            arb_abs(term, h);
            arb_submul(bound, term, power, prec);
        }
    }
    arb_get_lbound_arf(x, bound, prec);
    if (arb_is_finite(bound) && arf_cmp(x, lower) > 0)
        arf_set(lower, x);

    /* the mean value form: h' is enclosed more tightly than h'' on a wide cell */
    arb_abs(term, over + 1);
    arb_mul(term, term, r, prec);
    arb_sub(bound, at, term, prec);
    arb_get_lbound_arf(x, bound, prec);
    if (arb_is_finite(bound) && arf_cmp(x, lower) > 0)
        arf_set(lower, x);

    if (n == 2 && arb_is_positive(over + 2))
    {
        arb_sqr(term, at + 1, prec);
        arb_div(term, term, over + 2, prec);
        arb_mul_2exp_si(term, term, -2);
        arb_sub(bound, at, term, prec);
        arb_get_lbound_arf(x, bound, prec);
        if (arb_is_finite(bound) && arf_cmp(x, lower) > 0)
            arf_set(lower, x);
    }

    arb_clear(bound);
    arb_clear(term);
    arb_clear(r);
    arb_clear(power);
    arf_clear(x);
}

/* Places *************************************************************************************/

static void
interval_zero_to(arb_t res, const arb_t x, slong prec)
{
    arb_t zero;
    arb_init(zero);
    arb_union(res, zero, x, prec);
    arb_clear(zero);
}

/* Bits to which the location is known, relative to its size or to the zone's (its size may be 0). */
static slong
location_accuracy(const place_struct * place, slong prec)
{
    slong relative = arb_rel_accuracy_bits(place->location), gained;

    if (arb_is_exact(place->location))
        return prec;
    gained = (slong) (mag_get_d_log2_approx(arb_radref(place->zone))
        - mag_get_d_log2_approx(arb_radref(place->location)));
    return FLINT_MIN(prec, FLINT_MAX(relative, gained));
}

/* [SHOCK-7] The Newton operator c - h'(c)/h''(X) contains the zero of h' in X; and with z* in X,
   h(c) - h(z*) = (h''(xi)/2) (c - z*)^2 because h'(z*) = 0. */
static void
refine_interior(place_struct * place, const work_struct * work, slong prec)
{
    arb_ptr at, over;
    arb_t centre, next, hull, convex, second;
    mag_t before;
    slong step, accuracy = location_accuracy(place, prec);
    slong working = FLINT_MIN(prec, FLINT_MAX(SEARCH_PRECISION, 2 * accuracy + 48));
    int last = 0;

    at = _arb_vec_init(3);
    over = _arb_vec_init(3);
    arb_init(centre);
    arb_init(next);
    arb_init(hull);
    arb_init(convex);
    arb_init(second);
    mag_init(before);
    arb_set(convex, place->zone);
    arb_set(second, place->convexity);

    for (step = 0; step < 200; step++)
    {
        arb_set_arf(centre, arb_midref(place->location));
        arf_set_round(arb_midref(centre), arb_midref(centre), working, ARF_RND_NEAR);
        /* rounding may have moved the centre out of the location */
        arb_union(hull, place->location, centre, working + 16);
        curvature_series(at, work, centre, 1, working);
        curvature_series(over, work, hull, 2, FLINT_MIN(working, 2 * SEARCH_PRECISION + working / 2));
        /* A narrower ball need not give a narrower h''. What held on an earlier ball, in which z* lies too, holds
           between z* and any c of that ball. */
        if (_arb_vec_is_finite(over, 3) && arb_is_positive(over + 2))
        {
            arb_set(convex, hull);
            arb_set(second, over + 2);
        }
        else if (arb_is_positive(second) && arb_contains(convex, centre))
            arb_set(over + 2, second);
        else
            break;
        if (!_arb_vec_is_finite(at, 2))
            break;

        /* value before the location shrinks: z* lies in the location this was evaluated on */
        arb_sub(next, place->location, centre, working);
        arb_get_mag(before, next);
        arf_set_mag(arb_midref(next), before);
        mag_zero(arb_radref(next));
        arb_sqr(next, next, MAG_BITS);
        arb_mul(next, next, over + 2, MAG_BITS);
        interval_zero_to(next, next, MAG_BITS);
        arb_sub(next, at, next, prec);
        if (!arb_is_finite(place->value) || mag_cmp(arb_radref(next), arb_radref(place->value)) < 0)
            arb_set(place->value, next);
        if (last)
            break;

        mag_set(before, arb_radref(place->location));
        arb_mul_2exp_si(over + 2, over + 2, 1);
        arb_div(next, at + 1, over + 2, working);
        arb_sub(next, centre, next, working);
        if (!arb_is_finite(next) || !arb_intersection(hull, place->location, next, working + 16))
            break;
        arb_swap(place->location, hull);
        /* with h'(c) of certain sign the new ball lies on one side of c: half, and what rounding adds */
        mag_mul_ui(before, before, 3);
        mag_mul_2exp_si(before, before, -2);
        if (mag_cmp(arb_radref(place->location), before) >= 0)
        {
            if (working >= prec)
                last = 1;
            working = FLINT_MIN(prec, 2 * working);
        }
        else
        {
            accuracy = location_accuracy(place, prec);
            if (accuracy >= prec - 8)
                last = 1;
            working = last ? prec : FLINT_MIN(prec, FLINT_MAX(working, 2 * accuracy + 48));
        }
    }

    _arb_vec_clear(at, 3);
    _arb_vec_clear(over, 3);
    arb_clear(centre);
    arb_clear(next);
    arb_clear(hull);
    arb_clear(convex);
    arb_clear(second);
    mag_clear(before);
}

static void
end_ball(arb_t x, const work_struct * work, int side, slong prec)
{
    arb_set_fmpq(x, side < 0 ? work->core_lower : work->core_upper, prec);
}

/* [SHOCK-8] On a zone where h is convex, h(a + d) >= h(a) + h'(a) d + H d^2, so its minimum is at most
   h'(a)^2/(4H) below h(a) and at most |h'(a)|/(2H) away from a, and both are nothing where h' points inward
   and up. */
static void
refine_end(place_struct * place, const work_struct * work, slong prec)
{
    arb_ptr at, over;
    arb_t inward, term;

    at = _arb_vec_init(3);
    over = _arb_vec_init(3);
    arb_init(inward);
    arb_init(term);

    end_ball(place->location, work, place->side, prec);
    curvature_series(at, work, place->location, 1, prec);
    arb_set(place->value, at);
    if (place->has_zone)
    {
        arb_mul_si(inward, at + 1, -place->side, prec); /* the slope on the way into the interval */
        if (arb_is_nonnegative(inward))
            place->has_zone = 0;
        else
        {
            curvature_series(over, work, place->zone, 2, FLINT_MIN(prec, 2 * SEARCH_PRECISION));
            if (_arb_vec_is_finite(over, 3) && arb_is_positive(over + 2))
            {
                arb_abs(inward, inward);
                arb_div(term, inward, over + 2, prec);
                arb_mul_2exp_si(term, term, -1);
                arb_mul_si(over, term, -place->side, prec);
                interval_zero_to(over, over, prec);
                arb_add(place->location, place->location, over, prec);
                arb_mul(term, term, inward, prec);
                arb_mul_2exp_si(term, term, -1);
                interval_zero_to(term, term, prec);
                arb_sub(place->value, place->value, term, prec);
            }
            else
                arb_indeterminate(place->value);
        }
    }

    _arb_vec_clear(at, 3);
    _arb_vec_clear(over, 3);
    arb_clear(inward);
    arb_clear(term);
}

static void
refine_point(place_struct * place, const work_struct * work, slong prec)
{
    arb_t h;

    arb_init(h);
    if (exact_evaluate(h, work, place->point, prec))
    {
        arb_set(place->location, h);
        curvature_series(h, work, place->location, 0, prec);
        arb_set(place->value, h);
    }
    arb_clear(h);
}

static void
refine_place(place_struct * place, const work_struct * work, slong prec)
{
    if (place->settled || place->kind == PLACE_LIMIT)
        return;
    if (place_is_exact(place))
        refine_point(place, work, prec);
    else if (place->kind == PLACE_INTERIOR)
        refine_interior(place, work, prec);
    else
        refine_end(place, work, prec);
}

void
search_refine(work_struct * work, slong prec)
{
    arf_t lower;
    slong i;

    arf_init(lower);
    for (i = 0; i < work->places_length; i++)
    {
        refine_place(work->places + i, work, prec);
        lower_ceiling(work, work->places[i].value);
    }
    for (i = work->places_length - 1; i >= 0; i--)
    {
        arb_srcptr value = work->places[i].value;

        arb_get_lbound_arf(lower, value, prec + SEARCH_PRECISION);
        if (arb_is_finite(value) && is_irrelevant(work, lower))
            work_remove_place(work, i);
    }
    arf_clear(lower);
}

/* Convex cells *******************************************************************************/

/* A new zone holds exactly one critical point; if a known zone holds it too, they are the same. */
static void
add_interior(work_struct * work, const arb_t zone, const arb_t convexity, slong prec)
{
    place_struct * place = work_add_place(work, PLACE_INTERIOR);
    slong i;

    place->included = 1;
    arb_set(place->zone, zone);
    arb_set(place->convexity, convexity);
    arb_set(place->location, zone);
    place->has_zone = 0;
    refine_interior(place, work, prec);
    lower_ceiling(work, place->value);
    for (i = 0; i < work->places_length - 1; i++)
    {
        place_struct * other = work->places + i;
        if (other->kind == PLACE_INTERIOR
            && (arb_contains(other->zone, place->location) || arb_contains(place->zone, other->location)))
        {
            work_remove_place(work, work->places_length - 1);
            return;
        }
    }
}

static place_struct *
end_place(const work_struct * work, int side)
{
    slong i;

    for (i = 0; i < work->places_length; i++)
        if (work->places[i].kind == PLACE_END && work->places[i].side == side)
            return work->places + i;
    return NULL;
}

/* Whether h is convex on the zone [lower, upper]/2^level inside the interval, with one critical point, which then becomes
   a place. [SHOCK-7] */
static int
settle_zone(work_struct * work, const arb_t zone, const fmpz_t lower, const fmpz_t upper, slong level, slong prec)
{
    arb_ptr h = _arb_vec_init(3);
    arb_t x;
    int done = 0;

    arb_init(x);
    curvature_series(h, work, zone, 2, prec);
    if (_arb_vec_is_finite(h, 3) && arb_is_positive(h + 2))
    {
        fraction_ball(x, work, lower, level, prec);
        curvature_series(h, work, x, 1, prec);
        done = arb_is_negative(h + 1);
        fraction_ball(x, work, upper, level, prec);
        curvature_series(h, work, x, 1, prec);
        done = done && arb_is_positive(h + 1);
    }
    if (done)
        add_interior(work, zone, h + 2, prec);
    _arb_vec_clear(h, 3);
    arb_clear(x);
    return done;
}

/* The cell, widened by half its width on both sides (so that a minimum on its edge comes to lie
   inside), clipped to the interval. If h is convex there, decides whether the cell holds a critical
   point. 1: the cell is dealt with. */
static int
settle_convex(work_struct * work, const fmpz_t k, slong level, slong prec)
{
    fmpz_t lower, upper, last;
    arb_t zone, left, right, x;
    arb_ptr h;
    place_struct * place;
    int done = 0, at_lower, at_upper;

    fmpz_init(lower);
    fmpz_init(upper);
    fmpz_init(last);
    arb_init(zone);
    arb_init(left);
    arb_init(right);
    arb_init(x);
    h = _arb_vec_init(3);

    fmpz_mul_2exp(lower, k, 1);
    fmpz_add_ui(upper, lower, 3);
    fmpz_sub_ui(lower, lower, 1);
    fmpz_one_2exp(last, level + 1);
    at_lower = fmpz_sgn(lower) < 0;
    at_upper = fmpz_cmp(upper, last) > 0;
    if (at_lower)
        fmpz_zero(lower);
    if (at_upper)
        fmpz_set(upper, last);

    cell_ball(zone, work, lower, upper, level + 1, prec);
    curvature_series(h, work, zone, 2, prec);
    if (_arb_vec_is_finite(h, 3) && arb_is_positive(h + 2))
    {
        fraction_ball(x, work, lower, level + 1, prec);
        curvature_series(h, work, x, 1, prec);
        arb_set(left, h + 1);
        fraction_ball(x, work, upper, level + 1, prec);
        curvature_series(h, work, x, 1, prec);
        arb_set(right, h + 1);

        /* h' increases on the zone [SHOCK-7] */
        if (arb_is_positive(left) || arb_is_negative(right))
            done = 1;
        else if (arb_is_negative(left) && arb_is_positive(right))
        {
            add_interior(work, zone, h + 2, prec);
            done = 1;
        }
        else if (at_lower != at_upper && (at_lower ? arb_is_positive(right) : arb_is_negative(left)))
        {
            place = end_place(work, at_lower ? -1 : 1);
            if (place != NULL && !place->has_zone)
            {
                place->has_zone = 1;
                arb_set(place->zone, zone);
                refine_end(place, work, prec);
                done = 1;
            }
        }
    }

    fmpz_clear(lower);
    fmpz_clear(upper);
    fmpz_clear(last);
    arb_clear(zone);
    arb_clear(left);
    arb_clear(right);
    arb_clear(x);
    _arb_vec_clear(h, 3);
    return done;
}

/* The search *********************************************************************************/

/* No critical point on the cell, or, on a cell at an end of the interval, h monotone away from that end,
   which is a place of its own. [SHOCK-5] */
static int
is_monotone(const work_struct * work, const arb_t slope, const fmpz_t k, slong level)
{
    fmpz_t next;
    int last;

    if (!arb_is_finite(slope))
        return 0;
    if (arb_is_nonzero(slope))
        return 1;
    if (fmpz_is_zero(k) && arb_is_nonnegative(slope))
        return end_place(work, -1) != NULL;
    fmpz_init(next);
    fmpz_add_ui(next, k, 1);
    last = fmpz_sizeinbase(next, 2) == (size_t) level + 1 && fmpz_val2(next) == (ulong) level;
    fmpz_clear(next);
    if (last && arb_is_nonpositive(slope))
        return end_place(work, 1) != NULL;
    return 0;
}

static int
is_in_known_zone(const work_struct * work, const arb_t cell)
{
    slong i;

    for (i = 0; i < work->places_length; i++)
        if (work->places[i].kind == PLACE_INTERIOR && arb_contains(work->places[i].zone, cell))
            return 1;
    return 0;
}

/* So wide that a Taylor form will not help either: splitting at once is cheaper. */
static int
is_hopeless(const work_struct * work, arb_srcptr over)
{
    arf_t radius, size;
    int hopeless;

    arf_init(radius);
    arf_init(size);
    arf_set_mag(radius, arb_radref(over));
    arf_abs(size, arf_is_zero(work->ceiling) ? work->scale : work->ceiling);
    arf_mul_2exp_si(size, size, 3);
    hopeless = arf_cmp(radius, size) > 0;
    arf_clear(radius);
    arf_clear(size);
    return hopeless;
}

static void
consider_cell(work_struct * work, const fmpz_t k, slong level, slong order, slong prec)
{
    arb_t cell, centre, slope;
    arb_ptr at, over;
    fmpz_t next;
    arf_t lower;
    int done, finite, hopeless;

    arb_init(cell);
    arb_init(centre);
    arb_init(slope);
    at = _arb_vec_init(order + 1);
    over = _arb_vec_init(order + 1);
    fmpz_init(next);
    arf_init(lower);

    work->cells++;
    arf_neg_inf(lower);
    fmpz_add_ui(next, k, 1);
    cell_ball(cell, work, k, next, level, prec);
    done = is_in_known_zone(work, cell);
    if (!done)
    {
        curvature_series(over, work, cell, order, prec);
        finite = _arb_vec_is_finite(over, order + 1);
        if (finite)
        {
            arb_get_lbound_arf(lower, over, prec);
            done = is_irrelevant(work, lower) || is_monotone(work, over + 1, k, level);
        }
        if (!done)
        {
            /* the value at the centre counts in any case: without it a ceiling from far out on the flank of a
               needle would make every cell hopeless */
            hopeless = finite && is_hopeless(work, over);
            fmpz_mul_2exp(next, k, 1);
            fmpz_add_ui(next, next, 1);
            fraction_ball(centre, work, next, level + 1, prec);
            curvature_series(at, work, centre, hopeless ? 0 : order - 1, prec);
            lower_ceiling(work, at);
            if (arb_is_finite(at))
                mag_max(work->noise, work->noise, arb_radref(at));
            if (finite && !hopeless && _arb_vec_is_finite(at, order))
            {
                taylor_bounds(lower, slope, at, over, arb_radref(cell), order, prec);
                done = is_irrelevant(work, lower) || is_monotone(work, slope, k, level)
                    || (arb_is_positive(over + 2) && settle_convex(work, k, level, prec));
            }
        }
    }
    if (!done)
        heap_push(work, k, level, lower);

    arb_clear(cell);
    arb_clear(centre);
    arb_clear(slope);
    _arb_vec_clear(at, order + 1);
    _arb_vec_clear(over, order + 1);
    fmpz_clear(next);
    arf_clear(lower);
}

/* Looking ahead: a few samples and Newton steps, which prove nothing, lead to the place where the minimum seems to
   be; a zone found convex there is a proof, and saves the cells around it. */
#define SAMPLES 8

static double
guess_minimum(work_struct * work, slong prec)
{
    arb_ptr h = _arb_vec_init(3);
    arb_t x, width;
    arf_t best;
    fmpz_t k;
    slong i;
    double t = 0.5, step, second;

    arb_init(x);
    arb_init(width);
    arf_init(best);
    fmpz_init(k);
    arb_set_fmpq(width, work->core_width, prec);
    for (i = 0; i < SAMPLES; i++)
    {
        fmpz_set_si(k, 2 * i + 1);
        fraction_ball(x, work, k, FLINT_CLOG2(2 * SAMPLES), prec);
        curvature_series(h, work, x, 0, prec);
        lower_ceiling(work, h);
        if (arb_is_finite(h) && (i == 0 || arf_cmp(arb_midref(h), best) < 0))
        {
            arf_set(best, arb_midref(h));
            t = (2.0 * (double) i + 1) / (2 * SAMPLES);
        }
    }
    for (i = 0; i < 8; i++)
    {
        arb_set_d(x, t);
        arb_mul(x, x, width, prec);
        arb_set_fmpq(h, work->core_lower, prec);
        arb_add(x, x, h, prec);
        curvature_series(h, work, x, 2, prec);
        if (!_arb_vec_is_finite(h, 3))
            break;
        second = arf_get_d(arb_midref(h + 2), ARF_RND_NEAR) * arf_get_d(arb_midref(width), ARF_RND_NEAR);
        step = arf_get_d(arb_midref(h + 1), ARF_RND_NEAR);
        /* downhill at most a sample's distance, by Newton where convex */
        step = second > 0 && fabs(step) < 2 * second / SAMPLES ? step / (2 * second) : step > 0 ? 0.5 / SAMPLES : -0.5 / SAMPLES;
        t = t - step < 0 ? 0 : t - step > 1 ? 1 : t - step;
        if (fabs(step) < 1e-4)
            break;
    }
    _arb_vec_clear(h, 3);
    arb_clear(x);
    arb_clear(width);
    arf_clear(best);
    fmpz_clear(k);
    return t;
}

static void
look_ahead(work_struct * work, slong prec)
{
    fmpz_t lower, upper, last;
    arb_t zone;
    slong level;
    double t = guess_minimum(work, prec);

    fmpz_init(lower);
    fmpz_init(upper);
    fmpz_init(last);
    arb_init(zone);
    for (level = 4; level < 12; level++)
    {
        fmpz_set_d(lower, floor(ldexp(t, (int) level) - 0.5));
        fmpz_add_ui(upper, lower, 2);
        fmpz_one_2exp(last, level);
        if (fmpz_sgn(lower) < 0 || fmpz_cmp(upper, last) > 0)
            continue;
        cell_ball(zone, work, lower, upper, level, prec);
        if (settle_zone(work, zone, lower, upper, level, prec))
            break;
    }
    fmpz_clear(lower);
    fmpz_clear(upper);
    fmpz_clear(last);
    arb_clear(zone);
}

static void
start_end(work_struct * work, int side, int cut, int included)
{
    place_struct * place;
    arb_ptr h;
    arb_t x, inward;

    h = _arb_vec_init(2);
    arb_init(x);
    arb_init(inward);
    end_ball(x, work, side, 2 * SEARCH_PRECISION);
    curvature_series(h, work, x, 1, 2 * SEARCH_PRECISION);
    lower_ceiling(work, h);
    arb_mul_si(inward, h + 1, -side, 2 * SEARCH_PRECISION);
    /* where h falls on the way in, the end is no minimiser; a single point is one anyway */
    if (fmpq_is_zero(work->core_width) || !arb_is_finite(inward) || !arb_is_negative(inward))
    {
        place = work_add_place(work, PLACE_END);
        place->side = side;
        place->cut = cut;
        place->included = included;
        arb_set(place->location, x);
        arb_set(place->value, h);
        if (!cut)
        {
            place->point = caustic_number(work->problem->pool, side < 0 ? work->core_lower : work->core_upper);
            place->point_value = exact_at(work, work->curvature, place->point);
        }
    }
    _arb_vec_clear(h, 2);
    arb_clear(x);
    arb_clear(inward);
}

void
search_start(work_struct * work, int lower_cut, int upper_cut, int lower_included, int upper_included)
{
    fmpz_t zero;
    arf_t unknown;

    work_clear_search(work);
    arf_zero(work->ceiling);
    arf_zero(work->scale);
    mag_zero(work->noise);
    fmpq_sub(work->core_width, work->core_upper, work->core_lower);
    work->core_closed = (lower_cut || lower_included) && (upper_cut || upper_included);
    start_end(work, -1, lower_cut, lower_included);
    if (fmpq_is_zero(work->core_width))
        return;
    start_end(work, 1, upper_cut, upper_included);

    fmpz_init(zero);
    arf_init(unknown);
    arf_neg_inf(unknown);
    heap_push(work, zero, 0, unknown);
    look_ahead(work, SEARCH_PRECISION);
    fmpz_clear(zero);
    arf_clear(unknown);
}

void
search_set_ceiling(work_struct * work, const arf_t bound)
{
    if (arf_cmp(bound, work->ceiling) < 0)
        arf_set(work->ceiling, bound);
}

/* gap = ceiling - lower is at most 2^-bits times the size of inf h (or of h, while no h < 0 is known) */
static int
is_narrow(const work_struct * work, const arf_t lower, slong bits)
{
    arf_t gap, size;
    int narrow;

    if (!arf_is_finite(lower))
        return 0;
    arf_init(gap);
    arf_init(size);
    arf_sub(gap, work->ceiling, lower, MAG_BITS, ARF_RND_UP);
    arf_abs(size, arf_is_zero(work->ceiling) ? work->scale : work->ceiling);
    arf_mul_2exp_si(size, size, -bits);
    narrow = arf_cmp(gap, size) <= 0;
    arf_clear(gap);
    arf_clear(size);
    return narrow;
}

/* Rounding, and no longer the width of the cells, makes the gap: more bits are needed, not more cells. */
static int
is_stalled(const work_struct * work, const cell_struct * cell, slong prec)
{
    arf_t gap, noise;
    int stalled;

    if (cell->level > prec - 16)
        return 1;
    arf_init(gap);
    arf_init(noise);
    arf_set_mag(noise, work->noise);
    arf_mul_2exp_si(noise, noise, 5);
    arf_sub(gap, work->ceiling, cell->lower, MAG_BITS, ARF_RND_DOWN);
    stalled = arf_is_finite(gap) && arf_cmp(gap, noise) < 0;
    arf_clear(gap);
    arf_clear(noise);
    return stalled;
}

/* A part of the cell lies in the zone of a place, or may: splitting it will tell the parts apart. */
static int
touches_known_zone(const work_struct * work, const cell_struct * cell)
{
    fmpz_t next;
    arb_t x;
    slong i;
    int touches = 0;

    fmpz_init(next);
    arb_init(x);
    fmpz_add_ui(next, cell->k, 1);
    cell_ball(x, work, cell->k, next, cell->level, SEARCH_PRECISION);
    for (i = 0; i < work->places_length && !touches; i++)
        touches = work->places[i].kind == PLACE_INTERIOR && arb_overlaps(work->places[i].zone, x);
    fmpz_clear(next);
    arb_clear(x);
    return touches;
}

/* More minimisers than this are not told apart: each new cell is compared with all of them. */
#define PLACES_LIMIT 512

search_status
search_run(work_struct * work, slong tolerance_bits, slong order, slong prec)
{
    cell_struct cell;
    search_status status = SEARCH_RESOLVED;

    mag_zero(work->noise);
    while (work->heap_length > 0)
    {
        if (is_irrelevant(work, work->heap[0].lower))
        {
            heap_empty(work);
            break;
        }
        /* while no h < 0 is known, a narrow gap decides nothing, and a cell beside a zone need not stay */
        if (is_narrow(work, work->heap[0].lower, tolerance_bits)
            && !(arf_is_zero(work->ceiling) && touches_known_zone(work, work->heap)))
            status = SEARCH_NARROW;
        else if (is_stalled(work, work->heap, prec))
            status = SEARCH_STALLED;
        else if (work->cells >= work->cell_limit || work->places_length >= PLACES_LIMIT)
            status = SEARCH_LIMIT;
        if (status != SEARCH_RESOLVED)
            break;

        heap_pop(&cell, work);
        fmpz_mul_2exp(cell.k, cell.k, 1);
        consider_cell(work, cell.k, cell.level + 1, order, prec);
        fmpz_add_ui(cell.k, cell.k, 1);
        consider_cell(work, cell.k, cell.level + 1, order, prec);
        cell_clear(&cell);
    }
    return status;
}

void
search_bracket(arf_t lower, arf_t upper, const work_struct * work)
{
    arf_t x;
    slong i;

    arf_init(x);
    arf_set(upper, work->ceiling);
    arf_set(lower, work->ceiling);
    if (work->heap_length > 0 && arf_cmp(work->heap[0].lower, lower) < 0)
        arf_set(lower, work->heap[0].lower);
    for (i = 0; i < work->places_length; i++)
    {
        if (arb_is_finite(work->places[i].value))
            arb_get_lbound_arf(x, work->places[i].value, work->precision + SEARCH_PRECISION);
        else
            arf_neg_inf(x);
        if (arf_cmp(x, lower) < 0)
            arf_set(lower, x);
    }
    arf_clear(x);
}

/* Degenerate minima **************************************************************************/

typedef struct
{
    fmpz_t lower;
    fmpz_t upper;
}
cluster_struct;

static int
cluster_compare(const void * a, const void * b)
{
    return fmpz_cmp(((const cluster_struct *) a)->lower, ((const cluster_struct *) b)->lower);
}

/* The unions of touching cells, at the common level. */
static slong
clusters_find(cluster_struct * clusters, const work_struct * work, slong level)
{
    slong i, length = 0;

    for (i = 0; i < work->heap_length; i++)
    {
        fmpz_init(clusters[i].lower);
        fmpz_init(clusters[i].upper);
        fmpz_mul_2exp(clusters[i].lower, work->heap[i].k, level - work->heap[i].level);
        fmpz_add_ui(clusters[i].upper, work->heap[i].k, 1);
        fmpz_mul_2exp(clusters[i].upper, clusters[i].upper, level - work->heap[i].level);
    }
    qsort(clusters, work->heap_length, sizeof(cluster_struct), cluster_compare);
    for (i = 0; i < work->heap_length; i++)
    {
        if (length > 0 && fmpz_cmp(clusters[i].lower, clusters[length - 1].upper) <= 0)
        {
            if (fmpz_cmp(clusters[i].upper, clusters[length - 1].upper) > 0)
                fmpz_set(clusters[length - 1].upper, clusters[i].upper);
        }
        else
        {
            fmpz_swap(clusters[length].lower, clusters[i].lower);
            fmpz_swap(clusters[length].upper, clusters[i].upper);
            length++;
        }
    }
    return length;
}

/* [SHOCK-9] If h^(i)(z0) = 0 for 0 < i < k and h^(k) > 0 on the cluster, k even (or z0 an end and the
   sign of (z - z0)^k known), then h > h(z0) on the rest of the cluster. side: 0 for an inner point. */
static int
is_degenerate_minimum(work_struct * work, const arb_t hull, caustic_expr point, int side, slong prec)
{
    caustic_pool * pool = work->problem->pool;
    caustic_expr derivative = work->curvature;
    arb_ptr over = _arb_vec_init(SERIES_LENGTH);
    arb_t top;
    slong k, highest = SERIES_LENGTH - 4;
    int proved = 0;

    arb_init(top);
    curvature_series(over, work, hull, highest, prec);
    if (_arb_vec_is_finite(over, highest + 1))
    {
        for (k = 1; k <= highest && !proved; k++)
        {
            arb_set(top, over + k);
            if (side > 0 && k % 2 == 1)
                arb_neg(top, top);
            proved = (k % 2 == 0 || side != 0) && arb_is_positive(top);
            derivative = caustic_derivative(pool, derivative, work->problem->z);
            if (!proved && exact_is_zero(work, exact_at(work, derivative, point)) != T_TRUE)
                break;
        }
    }
    _arb_vec_clear(over, SERIES_LENGTH);
    arb_clear(top);
    return proved;
}

static int
settle_cluster(work_struct * work, const cluster_struct * cluster, slong level, slong prec)
{
    caustic_pool * pool = work->problem->pool;
    place_struct * place;
    caustic_expr candidates[2] = { CAUSTIC_NONE, work->problem->claimed_at }, value;
    fmpz_t end;
    fmpq_t q;
    arb_t hull, x;
    int settled = 0, i, side;

    fmpz_init(end);
    fmpq_init(q);
    arb_init(hull);
    arb_init(x);
    fmpz_one_2exp(end, level);
    cell_ball(hull, work, cluster->lower, cluster->upper, level, prec);
    side = fmpz_is_zero(cluster->lower) ? -1 : fmpz_equal(cluster->upper, end) ? 1 : 0;

    if (side != 0 && (place = end_place(work, side)) != NULL && place_is_exact(place))
        settled = is_degenerate_minimum(work, hull, place->point, side, prec);

    if (exact_simplest(q, hull))
        candidates[0] = caustic_number(pool, q);
    for (i = 0; i < 2 && !settled; i++)
    {
        if (candidates[i] == CAUSTIC_NONE || caustic_expr_depends(pool, candidates[i], work->problem->z)
            || !exact_evaluate(x, work, candidates[i], prec) || !arb_contains(hull, x)
            || region_contains_expr(&work->region, pool, candidates[i], x) != 1)
            continue;
        if ((value = exact_at(work, work->curvature, candidates[i])) != CAUSTIC_NONE
            && is_degenerate_minimum(work, hull, candidates[i], 0, prec))
        {
            place = work_add_place(work, PLACE_INTERIOR);
            place->included = 1;
            place->point = candidates[i];
            place->point_value = value;
            arb_set(place->zone, hull);
            arb_set(place->location, x);
            refine_point(place, work, prec);
            lower_ceiling(work, place->value);
            settled = 1;
        }
    }

    fmpz_clear(end);
    fmpq_clear(q);
    arb_clear(hull);
    arb_clear(x);
    return settled;
}

/* Cells of the heap inside the cluster are taken out. */
static void
remove_cluster(work_struct * work, const cluster_struct * cluster, slong level)
{
    cell_struct * old = work->heap;
    slong length = work->heap_length, i;
    fmpz_t k;

    fmpz_init(k);
    work->heap = NULL;
    work->heap_length = work->heap_capacity = 0;
    for (i = 0; i < length; i++)
    {
        fmpz_mul_2exp(k, old[i].k, level - old[i].level);
        if (fmpz_cmp(k, cluster->lower) < 0 || fmpz_cmp(k, cluster->upper) >= 0)
            heap_push(work, old[i].k, old[i].level, old[i].lower);
        cell_clear(old + i);
    }
    flint_free(old);
    fmpz_clear(k);
}

int
search_settle_degenerate(work_struct * work, slong prec)
{
    cluster_struct * clusters;
    slong i, level = 0, cells = work->heap_length, length;

    /* more would be a continuum, and each candidate costs algebra */
    if (cells == 0 || cells > 4096)
        return cells == 0;
    for (i = 0; i < cells; i++)
        level = FLINT_MAX(level, work->heap[i].level);
    clusters = flint_malloc(cells * sizeof(cluster_struct));
    length = clusters_find(clusters, work, level);
    if (length <= 16)
        for (i = 0; i < length; i++)
            if (settle_cluster(work, clusters + i, level, prec))
                remove_cluster(work, clusters + i, level);
    for (i = 0; i < cells; i++)
    {
        fmpz_clear(clusters[i].lower);
        fmpz_clear(clusters[i].upper);
    }
    flint_free(clusters);
    return work->heap_length == 0;
}
