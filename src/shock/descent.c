/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The infimum of the smallest eigenvalue over a box: best-first branch and bound.

    What is kept true throughout [HESSIAN-6]: every minimiser over the closed region where lambda < 0 (up to symmetry) lies
    in a piece of the heap or in the zone of a well; and infimum <= ceiling.
*/

#include <math.h>
#include <string.h>
#include "pencil.h"

/* Pieces *************************************************************************************/

static slong
variables(const descent_t descent)
{
    return descent->pencil->variables;
}

static void
piece_init(piece_struct * piece, slong n)
{
    piece->ends = _arb_vec_init(2 * n);
    piece->face = flint_calloc((size_t) n + 1, 1);
    piece->split = 0;
    arf_init(piece->bound);
    arf_neg_inf(piece->bound);
}

static void
piece_clear(piece_struct * piece, slong n)
{
    _arb_vec_clear(piece->ends, 2 * n);
    flint_free(piece->face);
    arf_clear(piece->bound);
}

static void
piece_set(piece_struct * piece, const piece_struct * other, slong n)
{
    _arb_vec_set(piece->ends, other->ends, 2 * n);
    memcpy(piece->face, other->face, (size_t) n);
    piece->split = other->split;
    arf_set(piece->bound, other->bound);
}

static arf_ptr
lower_end(const piece_struct * piece, slong k)
{
    return arb_midref(piece->ends + k);
}

static arf_ptr
upper_end(const piece_struct * piece, slong k, slong n)
{
    return arb_midref(piece->ends + n + k);
}

/* The ends of the region in one variable, rounded outward. */
static void
region_end(arf_t end, const descent_t descent, slong k, int side)
{
    slong prec = descent->goal + 2 * SEARCH_PRECISION;

    if (side < 0)
        arf_set_fmpq(end, descent->region[k].lower, prec, ARF_RND_FLOOR);
    else
        arf_set_fmpq(end, descent->region[k].upper, prec, ARF_RND_CEIL);
}

static int
touches(const piece_struct * piece, const descent_t descent, slong k, int side)
{
    arf_t end;
    int touching;

    arf_init(end);
    region_end(end, descent, k, side);
    touching = arf_equal(end, side < 0 ? lower_end(piece, k) : upper_end(piece, k, variables(descent)));
    arf_clear(end);
    return touching;
}

static void
move_to_face(piece_struct * piece, const descent_t descent, slong k, int side)
{
    slong n = variables(descent);

    piece->face[k] = (signed char) side;
    region_end(lower_end(piece, k), descent, k, side);
    arf_set(upper_end(piece, k, n), lower_end(piece, k));
}

static void
whole_region(piece_struct * piece, const descent_t descent)
{
    slong n = variables(descent);

    for (slong k = 0; k < n; k++)
    {
        region_end(lower_end(piece, k), descent, k, -1);
        region_end(upper_end(piece, k, n), descent, k, 1);
        if (region_is_point(descent->region + k))
            move_to_face(piece, descent, k, -1);
    }
}

/* The balls of the ends: on a face, of the end of the region itself. */
static void
piece_balls(arb_ptr ends, const piece_struct * piece, const descent_t descent, slong prec)
{
    slong n = variables(descent);

    for (slong k = 0; k < n; k++)
    {
        const region_struct * region = descent->region + k;

        if (piece->face[k] != 0)
        {
            arb_set_fmpq(ends + k, piece->face[k] < 0 ? region->lower : region->upper, prec + SEARCH_PRECISION);
            arb_set(ends + n + k, ends + k);
        }
        else
        {
            arb_set(ends + k, piece->ends + k);
            arb_set(ends + n + k, piece->ends + n + k);
        }
    }
}

/* Of different faces only the smaller is in the larger: a piece on a face lies in a zone that is not only if its points
   do, but a zone on a face says nothing about pieces beside it. */
static int
piece_inside(const piece_struct * piece, const piece_struct * zone, slong n)
{
    for (slong k = 0; k < n; k++)
        if (zone->face[k] != 0 ? piece->face[k] != zone->face[k]
            : arf_cmp(lower_end(piece, k), lower_end(zone, k)) < 0
                || arf_cmp(upper_end(piece, k, n), upper_end(zone, k, n)) > 0)
            return 0;
    return 1;
}

/* The heap ***********************************************************************************/

static void
swap_pieces(piece_struct * a, piece_struct * b)
{
    piece_struct c = *a;
    *a = *b;
    *b = c;
}

/* Takes the piece over. */
static void
push(descent_t descent, piece_struct * piece)
{
    piece_struct * heap;
    slong i;

    if (descent->length == descent->capacity)
    {
        descent->capacity = 2 * descent->capacity + 32;
        descent->heap = flint_realloc(descent->heap, (size_t) descent->capacity * sizeof(piece_struct));
    }
    heap = descent->heap;
    i = descent->length++;
    heap[i] = *piece;
    for (; i > 0 && arf_cmp(heap[i].bound, heap[(i - 1) / 2].bound) < 0; i = (i - 1) / 2)
        swap_pieces(heap + i, heap + (i - 1) / 2);
}

static void
pop(piece_struct * top, descent_t descent)
{
    piece_struct * heap = descent->heap;
    slong i = 0, child;

    *top = heap[0];
    heap[0] = heap[--descent->length];
    while ((child = 2 * i + 1) < descent->length)
    {
        if (child + 1 < descent->length && arf_cmp(heap[child + 1].bound, heap[child].bound) < 0)
            child++;
        if (arf_cmp(heap[child].bound, heap[i].bound) >= 0)
            break;
        swap_pieces(heap + child, heap + i);
        i = child;
    }
}

static void
empty_heap(descent_t descent)
{
    while (descent->length > 0)
        piece_clear(descent->heap + --descent->length, variables(descent));
}

/* Setting up *********************************************************************************/

void
descent_init(descent_t descent, const pencil_t pencil, const region_struct * region)
{
    slong n = pencil->variables;

    memset(descent, 0, sizeof(descent_struct));
    descent->pencil = pencil;
    descent->region = region;
    descent->prec = SEARCH_PRECISION;
    descent->goal = SEARCH_PRECISION;
    descent->narrow = SEARCH_PRECISION;
    descent->limit = 10000;
    arf_init(descent->ceiling);
    arf_init(descent->floor);
    arf_neg_inf(descent->floor);
    descent->lowest = _arb_vec_init(n);
    _arb_vec_indeterminate(descent->lowest, n);
    chart_cell_init(descent->cell, pencil);
    chart_cell_init(descent->probe, pencil);
    eigenvalue_init(descent->slopes, n);
    eigenvalue_init(descent->there, n);
}

static void
well_clear(well_struct * well, slong n)
{
    piece_clear(&well->zone, n);
    _arb_vec_clear(well->location, n);
    arb_clear(well->value);
    arf_clear(well->steepness);
}

void
descent_clear(descent_t descent)
{
    slong n = variables(descent);

    empty_heap(descent);
    flint_free(descent->heap);
    for (slong i = 0; i < descent->wells_length; i++)
        well_clear(descent->wells + i, n);
    flint_free(descent->wells);
    arf_clear(descent->ceiling);
    arf_clear(descent->floor);
    _arb_vec_clear(descent->lowest, n);
    chart_cell_clear(descent->cell);
    chart_cell_clear(descent->probe);
    eigenvalue_clear(descent->slopes, n);
    eigenvalue_clear(descent->there, n);
}

/* Bounds from above **************************************************************************/

/* Whether every number of the ball lies in the closed region. */
static int
is_in_region(const region_struct * region, const arb_t x)
{
    arb_t end;
    int inside;
    slong prec = 4 * SEARCH_PRECISION + arb_bits(x);

    arb_init(end);
    arb_set_fmpq(end, region->lower, prec);
    inside = arb_ge(x, end);
    arb_set_fmpq(end, region->upper, prec);
    inside = inside && arb_le(x, end);
    arb_clear(end);
    return inside;
}

static int
point_is_in_region(const descent_t descent, arb_srcptr point, const signed char * face)
{
    for (slong k = 0; k < variables(descent); k++)
        if (face[k] == 0 && !is_in_region(descent->region + k, point + k))
            return 0;
    return 1;
}

/* ceiling - bound <= 2^-bits |ceiling| */
static int
is_within(const descent_t descent, const arf_t bound, slong bits)
{
    arf_t gap, allowed;
    int within;

    if (!arf_is_finite(bound))
        return 0;
    arf_init(gap);
    arf_init(allowed);
    arf_sub(gap, descent->ceiling, bound, MAG_BITS, ARF_RND_UP);
    arf_abs(allowed, descent->ceiling);
    arf_mul_2exp_si(allowed, allowed, -bits);
    within = arf_cmp(gap, allowed) <= 0 && arf_sgn(descent->ceiling) < 0;
    arf_clear(gap);
    arf_clear(allowed);
    return within;
}

/* The value at the centre of a cell, or where it is a point. 1: the ceiling came down by what matters. */
static int
lower_ceiling(descent_t descent, const chart_cell_t cell, const signed char * face)
{
    arf_t upper;
    int lowered = 0;

    arf_init(upper);
    chart_cell_upper(upper, cell);
    if (!descent->ceiling_is_fixed && arf_cmp(upper, descent->ceiling) < 0 && point_is_in_region(descent, cell->centre, face))
    {
        lowered = !is_within(descent, upper, descent->narrow + 1);
        arf_set(descent->ceiling, upper);
        _arb_vec_set(descent->lowest, cell->centre, variables(descent));
    }
    arf_clear(upper);
    return lowered;
}

/* Nothing there matters: lambda >= 0, or lambda > ceiling >= infimum. */
static int
is_irrelevant(const descent_t descent, const arf_t bound)
{
    return arf_sgn(bound) >= 0 || arf_cmp(bound, descent->ceiling) > 0;
}

/* lambda and its derivatives at a point. */
static int
eigenvalue_at(descent_t descent, arb_srcptr point, slong prec)
{
    arf_t bound;
    int simple;

    arf_init(bound);
    descent->pieces++;
    chart_cell_set_point(descent->probe, point, prec);
    chart_cell_upper(bound, descent->probe);
    if (arf_is_finite(bound))
        chart_cell_lower(bound, descent->probe, bound);
    simple = arf_is_finite(bound) && eigenvalue_over(descent->there, descent->probe, bound);
    arf_clear(bound);
    return simple;
}

/* Newton's step in the free variables, downhill where lambda is concave, none where it is flat: a guide in floating point. */
static void
guided_step(double * step, const eigenvalue_t at, const signed char * face, slong n)
{
    double * room = flint_malloc((size_t) (n + 2 * n * n) * sizeof(double));
    double * w = room, * u = room + n, * a = u + n * n, largest = 0;

    for (slong k = 0; k < n; k++)
    {
        step[k] = 0;
        for (slong l = 0; l < n; l++)
            a[k * n + l] = face[k] || face[l] ? 0 : arf_get_d(arb_midref(at->hessian + k * n + l), ARF_RND_NEAR);
    }
    symmetric_eigen(w, u, a, n);
    for (slong k = 0; k < n; k++)
        largest = fmax(largest, fabs(w[k]));
    for (slong k = 0; k < n; k++)
    {
        double h = 0;

        for (slong l = 0; l < n; l++)
            h += face[l] ? 0 : u[l * n + k] * arf_get_d(arb_midref(at->gradient + l), ARF_RND_NEAR);
        if (fabs(w[k]) > 1e-7 * largest)
            for (slong l = 0; l < n; l++)
                step[l] -= u[l * n + k] * h / fabs(w[k]);
    }
    flint_free(room);
}

/* The last number inside the region that is used. */
static void
inner_end(arf_t end, const descent_t descent, slong k, int side)
{
    const region_struct * region = descent->region + k;

    arf_set_fmpq(end, side < 0 ? region->lower : region->upper, descent->goal + 2 * SEARCH_PRECISION,
        side < 0 ? ARF_RND_CEIL : ARF_RND_FLOOR);
}

/* Keeps a free coordinate inside the region, where it can be told. */
static void
clamp(arb_t x, const descent_t descent, slong k)
{
    arf_t end;

    arf_init(end);
    inner_end(end, descent, k, -1);
    if (arf_cmp(arb_midref(x), end) < 0)
        arb_set_arf(x, end);
    inner_end(end, descent, k, 1);
    if (arf_cmp(arb_midref(x), end) > 0)
        arb_set_arf(x, end);
    arf_clear(end);
}

/* next = point + step in the free variables, inside the region; 0: that is as good as the point. */
static int
step_from(arb_ptr next, arb_srcptr point, const double * step, const descent_t descent, const signed char * face)
{
    double length = 0, size = 0;
    arb_t x;

    arb_init(x);
    for (slong k = 0; k < variables(descent); k++)
    {
        if (face[k] || !isfinite(step[k]))
            continue;
        length = fmax(length, fabs(step[k]));
        size = fmax(size, fabs(arf_get_d(arb_midref(point + k), ARF_RND_NEAR)));
        arb_set_d(x, step[k]);
        arb_add(next + k, point + k, x, 2 * SEARCH_PRECISION);
        mag_zero(arb_radref(next + k));
        clamp(next + k, descent, k);
    }
    arb_clear(x);
    return length > 1e-15 * size;
}

/* The faces, and the sides of the region on which the point is and beyond which lambda would go on falling. */
static void
set_active(signed char * active, arb_srcptr point, const signed char * face, const descent_t descent)
{
    arf_t end;

    arf_init(end);
    for (slong k = 0; k < variables(descent); k++)
    {
        int down = arf_sgn(arb_midref(descent->there->gradient + k)) > 0;

        active[k] = face[k];
        if (face[k] != 0)
            continue;
        inner_end(end, descent, k, down ? -1 : 1);
        if (down ? arf_cmp(arb_midref(point + k), end) <= 0 : arf_cmp(arb_midref(point + k), end) >= 0)
            active[k] = down ? -1 : 1;
    }
    arf_clear(end);
}

/* Moves the point downhill in the free variables; every point on the way may lower the ceiling. A step that does not help is
   halved. along: at a side of the region it goes on along that. */
static void
slide_down(arb_ptr point, descent_t descent, const signed char * face, slong steps, int along)
{
    slong n = variables(descent);
    signed char * active = flint_calloc((size_t) n + 1, 1);
    double * step = flint_calloc((size_t) n + 1, sizeof(double)), before = INFINITY, value;
    arb_ptr next = _arb_vec_init(n);
    int moves = 1;

    _arb_vec_set(next, point, n);
    for (slong i = 0; i < steps && moves; i++)
    {
        value = INFINITY;
        if (eigenvalue_at(descent, next, SEARCH_PRECISION))
        {
            lower_ceiling(descent, descent->probe, face);
            value = arf_get_d(arb_midref(descent->there->value), ARF_RND_NEAR);
        }
        if (value < before)
        {
            before = value;
            _arb_vec_set(point, next, n);
            memcpy(active, face, (size_t) n);
            if (along)
                set_active(active, point, face, descent);
            guided_step(step, descent->there, active, n);
        }
        else
            for (slong k = 0; k < n; k++)
                step[k] /= 2;
        moves = before < INFINITY && step_from(next, point, step, descent, active);
    }
    flint_free(step);
    flint_free(active);
    _arb_vec_clear(next, n);
}

/* Wells **************************************************************************************/

/* H - steepness > 0 in the free variables, for a steepness that is half of what it is in the middle; 0: not certain. */
static int
find_steepness(arf_t steepness, const eigenvalue_t over, const signed char * face, slong n, slong prec)
{
    double * room = flint_malloc((size_t) (n + 2 * n * n) * sizeof(double));
    double * w = room, * u = room + n, * a = u + n * n;
    slong * free_index = flint_malloc((size_t) (n + 1) * sizeof(slong)), length = 0;
    arb_mat_t matrix;
    int steep = 1;

    for (slong k = 0; k < n; k++)
        if (face[k] == 0)
            free_index[length++] = k;
    for (slong k = 0; k < length; k++)
        for (slong l = 0; l < length; l++)
            a[k * length + l] = arf_get_d(arb_midref(over->hessian + free_index[k] * n + free_index[l]), ARF_RND_NEAR);
    symmetric_eigen(w, u, a, length);
    arf_one(steepness);
    if (length > 0)
    {
        steep = w[0] > 0 && isfinite(w[0]);
        arf_set_d(steepness, steep ? w[0] / 2 : 0);
        arb_mat_init(matrix, length, length);
        for (slong k = 0; k < length; k++)
            for (slong l = 0; l < length; l++)
                arb_set(arb_mat_entry(matrix, k, l), over->hessian + free_index[k] * n + free_index[l]);
        for (slong k = 0; k < length; k++)
            arb_sub_arf(arb_mat_entry(matrix, k, k), arb_mat_entry(matrix, k, k), steepness, prec);
        steep = steep && arb_mat_cho(matrix, matrix, prec);
        arb_mat_clear(matrix);
    }
    flint_free(free_index);
    flint_free(room);
    return steep;
}

/* rho >= |gradient|/steepness and drop >= |gradient|^2/(2 steepness), over the free variables. */
static void
distance_to_minimum(arb_t rho, arb_t drop, const eigenvalue_t at, const well_struct * well, slong n, slong prec)
{
    arb_t x;

    arb_init(x);
    arb_zero(drop);
    for (slong k = 0; k < n; k++)
        if (well->zone.face[k] == 0)
        {
            arb_sqr(x, at->gradient + k, prec);
            arb_add(drop, drop, x, prec);
        }
    arb_set_arf(x, well->steepness);
    arb_nonnegative_part(drop, drop);
    arb_sqrt(rho, drop, prec);
    arb_div(rho, rho, x, prec);
    arb_div(drop, drop, x, prec);
    arb_mul_2exp_si(drop, drop, -1);
    arb_get_mag(arb_radref(x), rho);
    arf_set_mag(arb_midref(rho), arb_radref(x));
    mag_zero(arb_radref(rho));
    arb_get_mag(arb_radref(x), drop);
    arf_set_mag(arb_midref(drop), arb_radref(x));
    mag_zero(arb_radref(drop));
    arb_clear(x);
}

/* One more step of Newton's method from the middle of `point`; 0: the second derivatives cannot be inverted. */
static int
newton_step(arb_ptr point, const eigenvalue_t at, const signed char * face, slong n, slong prec)
{
    slong * free_index = flint_malloc((size_t) (n + 1) * sizeof(slong)), length = 0;
    arb_mat_t matrix, rhs;
    int solved;

    for (slong k = 0; k < n; k++)
        if (face[k] == 0)
            free_index[length++] = k;
    arb_mat_init(matrix, length, length);
    arb_mat_init(rhs, length, 1);
    for (slong k = 0; k < length; k++)
    {
        arb_set_arf(arb_mat_entry(rhs, k, 0), arb_midref(at->gradient + free_index[k]));
        for (slong l = 0; l < length; l++)
            arb_set_arf(arb_mat_entry(matrix, k, l), arb_midref(at->hessian + free_index[k] * n + free_index[l]));
    }
    solved = length == 0 || arb_mat_solve(rhs, matrix, rhs, prec);
    for (slong k = 0; k < length && solved; k++)
    {
        arb_ptr x = point + free_index[k];

        arb_sub(x, x, arb_mat_entry(rhs, k, 0), prec);
        mag_zero(arb_radref(x));
    }
    arb_mat_clear(matrix);
    arb_mat_clear(rhs);
    flint_free(free_index);
    return solved;
}

static int
point_is_in_zone(arb_srcptr point, const piece_struct * zone, slong n)
{
    for (slong k = 0; k < n; k++)
        if (zone->face[k] == 0 && (arf_cmp(arb_midref(point + k), lower_end(zone, k)) < 0
            || arf_cmp(arb_midref(point + k), upper_end(zone, k, n)) > 0))
            return 0;
    return 1;
}

static int
location_is_included(const well_struct * well, const descent_t descent)
{
    int included = 1;

    for (slong k = 0; k < variables(descent); k++)
    {
        const region_struct * region = descent->region + k;
        int here = well->zone.face[k] < 0 ? region->lower_included : well->zone.face[k] > 0 ? region->upper_included
            : region_contains(region, well->location + k);

        if (well->zone.face[k] != 0 && !here)
            return 0;
        if (here != 1)
            included = here == 0 ? -1 : included;
    }
    return included;
}

/* [HESSIAN-5] From the point c of the zone: |z* - c| <= |grad|/m and lambda(c) - |grad|^2/(2m) <= lambda(z*) <= lambda(c).
   Newton's method brings c closer. 0: nothing could be said. */
static int
refine_well(well_struct * well, descent_t descent, slong prec)
{
    slong n = variables(descent), idle = 0;
    arb_ptr c = _arb_vec_init(n);
    arb_t rho, drop, best, value, least;
    int known = 0;

    arb_init(rho);
    arb_init(drop);
    arb_init(best);
    arb_init(value);
    arb_init(least);
    arb_pos_inf(best);
    for (slong k = 0; k < n; k++)
    {
        arb_set_arf(c + k, arb_midref(well->location + k));
        if (well->zone.face[k] != 0)
            arb_set_fmpq(c + k, well->zone.face[k] < 0 ? descent->region[k].lower : descent->region[k].upper,
                prec + SEARCH_PRECISION);
    }
    for (slong step = 0; step < 100 && idle < 2; step++)
    {
        if (!point_is_in_zone(c, &well->zone, n) || !eigenvalue_at(descent, c, prec))
            break;
        distance_to_minimum(rho, drop, descent->there, well, n, prec);
        if (!arb_is_finite(rho))
            break;
        arb_mul_2exp_si(value, rho, 1);
        idle = arb_lt(value, best) ? 0 : idle + 1;
        if (!known || arb_lt(rho, best))
        {
            arb_set(best, rho);
            _arb_vec_set(well->location, c, n);
            for (slong k = 0; k < n; k++)
                if (well->zone.face[k] == 0)
                    arb_add_error(well->location + k, rho);
            arb_set(value, descent->there->value);
            arb_sub(least, value, drop, prec);
            arb_union(well->value, value, least, prec + SEARCH_PRECISION);
            known = 1;
            if (!descent->ceiling_is_fixed && point_is_in_region(descent, c, well->zone.face))
            {
                arf_t upper;

                arf_init(upper);
                arb_get_ubound_arf(upper, value, prec);
                if (arf_cmp(upper, descent->ceiling) < 0)
                {
                    arf_set(descent->ceiling, upper);
                    _arb_vec_set(descent->lowest, c, n);
                }
                arf_clear(upper);
            }
        }
        if (arb_is_zero(rho) || !newton_step(c, descent->there, well->zone.face, n, prec))
            break;
        for (slong k = 0; k < n; k++)
            if (well->zone.face[k] == 0)
                clamp(c + k, descent, k);
    }
    well->included = location_is_included(well, descent);
    _arb_vec_clear(c, n);
    arb_clear(rho);
    arb_clear(drop);
    arb_clear(best);
    arb_clear(value);
    arb_clear(least);
    return known;
}

/* The minimiser over the zone is one of lambda among its neighbours in the region: it is not on a side of the zone inside. It
   may be on a side of the region only where the gradient vanishes as far as one sees; otherwise the face will show it. */
static int
minimum_is_local(const well_struct * well, const descent_t descent)
{
    slong n = variables(descent), flat = arb_rel_accuracy_bits(well->value) >= FLINT_MIN(descent->goal, SEARCH_PRECISION - 16);

    for (slong k = 0; k < n; k++)
    {
        arb_t end;
        int inside;

        if (well->zone.face[k] != 0)
            continue;
        arb_init(end);
        arb_set_arf(end, lower_end(&well->zone, k));
        inside = arb_gt(well->location + k, end) || (flat && touches(&well->zone, descent, k, -1));
        arb_set_arf(end, upper_end(&well->zone, k, n));
        inside = inside && (arb_lt(well->location + k, end) || (flat && touches(&well->zone, descent, k, 1)));
        arb_clear(end);
        if (!inside)
            return 0;
    }
    return 1;
}

/* The zone: the piece and the point, with as much around the point as the piece is wide, inside the region. */
static int
surround(piece_struct * zone, const piece_struct * piece, arb_srcptr point, const descent_t descent)
{
    slong n = variables(descent);
    arf_t width, x, end;
    int near = 1;

    arf_init(width);
    arf_init(x);
    arf_init(end);
    piece_set(zone, piece, n);
    for (slong k = 0; k < n && near; k++)
    {
        if (piece->face[k] != 0)
            continue;
        arf_sub(width, upper_end(piece, k, n), lower_end(piece, k), ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_sub(x, arb_midref(point + k), width, ARF_PREC_EXACT, ARF_RND_DOWN);
        near = arf_cmp(x, upper_end(piece, k, n)) <= 0;
        region_end(end, descent, k, -1);
        arf_set(x, arf_cmp(x, end) < 0 ? end : x);
        if (arf_cmp(x, lower_end(zone, k)) < 0)
            arf_set(lower_end(zone, k), x);
        arf_add(x, arb_midref(point + k), width, ARF_PREC_EXACT, ARF_RND_DOWN);
        near = near && arf_cmp(x, lower_end(piece, k)) >= 0;
        region_end(end, descent, k, 1);
        arf_set(x, arf_cmp(x, end) > 0 ? end : x);
        if (arf_cmp(x, upper_end(zone, k, n)) > 0)
            arf_set(upper_end(zone, k, n), x);
    }
    arf_clear(width);
    arf_clear(x);
    arf_clear(end);
    return near;
}

static int
zone_is_convex(well_struct * well, descent_t descent)
{
    slong n = variables(descent);
    arb_ptr ends = _arb_vec_init(2 * n);
    int convex;

    piece_balls(ends, &well->zone, descent, SEARCH_PRECISION);
    chart_cell_set(descent->probe, ends, ends + n, SEARCH_PRECISION);
    chart_cell_lower(well->zone.bound, descent->probe, descent->ceiling);
    convex = eigenvalue_over(descent->there, descent->probe, well->zone.bound)
        && find_steepness(well->steepness, descent->there, well->zone.face, n, SEARCH_PRECISION);
    _arb_vec_clear(ends, 2 * n);
    return convex;
}

static void
add_well(descent_t descent, well_struct * well)
{
    slong n = variables(descent);

    well->twin = 0;
    for (slong i = 0; i < descent->wells_length; i++)
    {
        const well_struct * other = descent->wells + i;
        int same = memcmp(other->zone.face, well->zone.face, (size_t) n) == 0;

        for (slong k = 0; k < n && same; k++)
            same = well->zone.face[k] != 0
                || (arb_ge(well->location + k, other->zone.ends + k) && arb_le(well->location + k, other->zone.ends + n + k));
        well->twin = well->twin || same;
    }
    if (descent->wells_length == descent->wells_capacity)
    {
        descent->wells_capacity = 2 * descent->wells_capacity + 4;
        descent->wells = flint_realloc(descent->wells, (size_t) descent->wells_capacity * sizeof(well_struct));
    }
    descent->wells[descent->wells_length++] = *well;
}

/* A well around the minimum that lies in the piece or near it. */
static int
try_well(descent_t descent, const piece_struct * piece, arb_srcptr start)
{
    slong n = variables(descent);
    well_struct well;
    int found;

    piece_init(&well.zone, n);
    well.location = _arb_vec_init(n);
    arb_init(well.value);
    arf_init(well.steepness);
    well.included = 0;
    _arb_vec_set(well.location, start, n);
    slide_down(well.location, descent, piece->face, 12, 0);
    found = surround(&well.zone, piece, well.location, descent) && zone_is_convex(&well, descent)
        && refine_well(&well, descent, SEARCH_PRECISION) && minimum_is_local(&well, descent);
    if (found)
        add_well(descent, &well);
    else
        well_clear(&well, n);
    return found;
}

void
descent_slide(descent_t descent, arb_srcptr start)
{
    slong n = variables(descent);
    signed char * face = flint_calloc((size_t) n + 1, 1);
    arb_ptr point = _arb_vec_init(n);

    _arb_vec_set(point, start, n);
    for (slong k = 0; k < n; k++)
        face[k] = region_is_point(descent->region + k) ? -1 : 0;
    slide_down(point, descent, face, 60, 1);
    _arb_vec_clear(point, n);
    flint_free(face);
}

int
descent_local(descent_t descent, arb_srcptr start)
{
    slong n = variables(descent);
    piece_struct piece;
    arb_ptr point = _arb_vec_init(n);
    arf_t width;
    int found = 0;

    piece_init(&piece, n);
    arf_init(width);
    whole_region(&piece, descent);
    _arb_vec_set(point, start, n);
    slide_down(point, descent, piece.face, 200, 0);
    /* smaller and smaller boxes around the point that was reached */
    for (slong level = 2; level < 40 && !found; level++)
    {
        whole_region(&piece, descent);
        for (slong k = 0; k < n; k++)
        {
            if (piece.face[k] != 0)
                continue;
            arf_sub(width, upper_end(&piece, k, n), lower_end(&piece, k), ARF_PREC_EXACT, ARF_RND_DOWN);
            arf_mul_2exp_si(width, width, -level);
            arf_sub(lower_end(&piece, k), arb_midref(point + k), width, ARF_PREC_EXACT, ARF_RND_DOWN);
            arf_add(upper_end(&piece, k, n), arb_midref(point + k), width, ARF_PREC_EXACT, ARF_RND_DOWN);
        }
        found = try_well(descent, &piece, point);
    }
    piece_clear(&piece, n);
    _arb_vec_clear(point, n);
    arf_clear(width);
    return found;
}

/* Branch and bound ***************************************************************************/

static int
is_in_well(const descent_t descent, const piece_struct * piece)
{
    for (slong i = 0; i < descent->wells_length; i++)
        if (piece_inside(piece, &descent->wells[i].zone, variables(descent)))
            return 1;
    return 0;
}

/* z_j > z_k throughout for some j < k that may be exchanged. [HESSIAN-7] */
static int
is_mirror_image(const descent_t descent, const piece_struct * piece)
{
    slong n = variables(descent);

    if (descent->symmetric == NULL)
        return 0;
    for (slong j = 0; j < n; j++)
        for (slong k = j + 1; k < n; k++)
            if (descent->symmetric[j] == descent->symmetric[k]
                && arf_cmp(lower_end(piece, j), upper_end(piece, k, n)) > 0)
                return 1;
    return 0;
}

/* The variable in which the entries change most over the piece. */
static slong
variable_to_split(const chart_cell_t cell, const piece_struct * piece)
{
    slong n = cell->pencil->variables, mm = cell->pencil->size * cell->pencil->size, stride = 1 + n + n * n, best = -1;
    mag_t most;

    mag_init(most);

    for (slong k = 0; k < n; k++)
    {
        mag_t change, size;

        if (piece->face[k] != 0)
            continue;
        mag_init(change);
        mag_init(size);
        if (!cell->defined)
            mag_one(change);
        for (slong i = 0; i < mm && cell->defined; i++)
            for (int which = 0; which < 2; which++)
            {
                arb_get_mag(size, cell->over[which] + i * stride + 1 + k);
                mag_max(change, change, size);
            }
        arb_get_mag(size, cell->radius + k);
        mag_mul(change, change, size);
        /* where nothing changes, the widest */
        mag_mul_2exp_si(size, size, -60);
        mag_add(change, change, size);
        if (best < 0 || mag_cmp(change, most) > 0)
        {
            mag_set(most, change);
            best = k;
        }
        mag_clear(change);
        mag_clear(size);
    }
    mag_clear(most);
    return best;
}

/* What the derivatives say about the free variables of a piece without a minimiser inside. */
typedef enum
{
    KEEP = 1,
    DROP,      /* no minimiser over the region is in it */
    NARROWED,  /* a minimiser in it lies on the face set now */
    BOTH_FACES /* in the variable `split` a minimiser lies on one of the two faces */
}
reduction_kind;

static reduction_kind
reduce_by_derivatives(piece_struct * piece, const descent_t descent)
{
    slong n = variables(descent);
    const eigenvalue_struct * over = descent->slopes;

    for (slong k = 0; k < n; k++)
    {
        int lower, upper;

        if (piece->face[k] != 0)
            continue;
        lower = touches(piece, descent, k, -1);
        upper = touches(piece, descent, k, 1);
        if (arb_is_positive(over->gradient + k))
            upper = 0;
        else if (arb_is_negative(over->gradient + k))
            lower = 0;
        else if (!arb_is_negative(over->hessian + k * n + k))
            continue;
        if (!lower && !upper)
            return DROP;
        if (lower && upper)
        {
            piece->split = k;
            return BOTH_FACES;
        }
        move_to_face(piece, descent, k, lower ? -1 : 1);
        return NARROWED;
    }
    return KEEP;
}

static int
is_convex_in_the_middle(const eigenvalue_t over, const signed char * face, slong n)
{
    double * room = flint_malloc((size_t) (n + 2 * n * n) * sizeof(double));
    double * w = room, * u = room + n, * a = u + n * n;
    slong length = 0;
    int convex;

    for (slong k = 0; k < n; k++)
        for (slong l = 0; l < n; l++)
            if (face[k] == 0 && face[l] == 0)
                a[length++] = arf_get_d(arb_midref(over->hessian + k * n + l), ARF_RND_NEAR);
    length = (slong) (sqrt((double) length) + 0.5);
    symmetric_eigen(w, u, a, length);
    convex = length == 0 || w[0] > 1e-7 * w[length - 1];
    flint_free(room);
    return convex;
}

/* Looks at a piece and keeps it unless it cannot matter; takes it over. */
static void
consider(descent_t descent, piece_struct * piece)
{
    slong n = variables(descent);
    chart_cell_struct * cell = descent->cell;
    arb_ptr ends = _arb_vec_init(2 * n);
    reduction_kind kind = NARROWED;
    arf_t bound;
    int above;

    arf_init(bound);
    while (kind == NARROWED)
    {
        kind = DROP;
        if (is_in_well(descent, piece) || is_mirror_image(descent, piece))
            break;
        descent->pieces++;
        piece_balls(ends, piece, descent, descent->prec);
        chart_cell_set(cell, ends, ends + n, descent->prec);
        piece->split = variable_to_split(cell, piece);
        if (!cell->defined)
        {
            arf_neg_inf(piece->bound);
            kind = KEEP;
            break;
        }
        if (lower_ceiling(descent, cell, piece->face))
        {
            _arb_vec_set(ends, cell->centre, n);
            slide_down(ends, descent, piece->face, 6, 0);
        }
        above = chart_cell_lower(bound, cell, descent->ceiling);
        if (arf_cmp(bound, piece->bound) > 0)
            arf_set(piece->bound, bound);
        if (above || is_irrelevant(descent, piece->bound))
            break;
        kind = KEEP;
        if (!eigenvalue_over(descent->slopes, cell, piece->bound))
            break;
        kind = reduce_by_derivatives(piece, descent);
        if (kind == KEEP && is_convex_in_the_middle(descent->slopes, piece->face, n)
            && try_well(descent, piece, cell->centre) && is_in_well(descent, piece))
            kind = DROP;
    }
    if (kind == KEEP)
        push(descent, piece);
    else if (kind == BOTH_FACES)
    {
        piece_struct other;
        slong k = piece->split;

        piece_init(&other, n);
        piece_set(&other, piece, n);
        move_to_face(piece, descent, k, -1);
        move_to_face(&other, descent, k, 1);
        consider(descent, piece);
        consider(descent, &other);
    }
    else
        piece_clear(piece, n);
    _arb_vec_clear(ends, 2 * n);
    arf_clear(bound);
}

static void
divide(descent_t descent, piece_struct * piece)
{
    slong n = variables(descent), k = piece->split;
    piece_struct other;
    arf_t middle;

    arf_init(middle);
    piece_init(&other, n);
    piece_set(&other, piece, n);
    arf_add(middle, lower_end(piece, k), upper_end(piece, k, n), ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(middle, middle, -1);
    arf_set(upper_end(piece, k, n), middle);
    arf_set(lower_end(&other, k), middle);
    consider(descent, piece);
    consider(descent, &other);
    arf_clear(middle);
}

/* Narrower than 2^-(goal + 40) of the region in every free variable: nothing is gained by going on. */
static int
is_speck(const descent_t descent, const piece_struct * piece)
{
    slong n = variables(descent), bits = descent->goal + 40;
    arf_t width, whole;
    int speck = 1;

    arf_init(width);
    arf_init(whole);
    for (slong k = 0; k < n && speck; k++)
    {
        if (piece->face[k] != 0)
            continue;
        arf_sub(width, upper_end(piece, k, n), lower_end(piece, k), MAG_BITS, ARF_RND_UP);
        region_end(whole, descent, k, 1);
        arf_mul_2exp_si(width, width, bits);
        speck = arf_cmpabs(width, whole) <= 0;
    }
    arf_clear(width);
    arf_clear(whole);
    return speck;
}

descent_status
descent_run(descent_t descent)
{
    slong n = variables(descent), prec = descent->prec;
    piece_struct piece;

    piece_init(&piece, n);
    whole_region(&piece, descent);
    consider(descent, &piece);
    while (descent->length > 0)
    {
        const piece_struct * top = descent->heap;

        if (is_irrelevant(descent, top->bound))
        {
            empty_heap(descent);
            break;
        }
        if (is_within(descent, top->bound, descent->narrow))
            return DESCENT_NARROW;
        if (descent->pieces >= descent->limit)
            return DESCENT_LIMIT;
        if (is_within(descent, top->bound, SEARCH_PRECISION - 24))
            prec = descent->goal + SEARCH_PRECISION;
        if ((top->split < 0 && descent->prec == prec) || is_speck(descent, top))
            return arf_is_finite(top->bound) ? DESCENT_LIMIT : DESCENT_UNDEFINED;
        descent->prec = prec;
        pop(&piece, descent);
        if (piece.split < 0)
            consider(descent, &piece); /* a point: once more with all bits */
        else
            divide(descent, &piece);
    }
    return DESCENT_RESOLVED;
}

void
descent_refine(descent_t descent, slong prec)
{
    slong n = variables(descent), kept = 0;
    arf_t lower;

    arf_init(lower);
    for (slong i = 0; i < descent->wells_length; i++)
        if (!descent->wells[i].twin)
            refine_well(descent->wells + i, descent, prec); /* what was known before holds in any case */
    arf_zero(descent->floor);
    if (descent->length > 0 && arf_sgn(descent->heap[0].bound) < 0)
        arf_set(descent->floor, descent->heap[0].bound);
    for (slong i = 0; i < descent->wells_length; i++)
    {
        well_struct * well = descent->wells + i;

        arb_get_lbound_arf(lower, well->value, prec + SEARCH_PRECISION);
        if (well->twin || (arb_is_finite(well->value) && is_irrelevant(descent, lower)))
        {
            well_clear(well, n);
            continue;
        }
        if (!arb_is_finite(well->value))
            arf_neg_inf(lower);
        if (arf_cmp(lower, descent->floor) < 0)
            arf_set(descent->floor, lower);
        if (kept != i)
            descent->wells[kept] = descent->wells[i];
        kept++;
    }
    descent->wells_length = kept;
    arf_clear(lower);
}

void
descent_keep(descent_t descent, slong which)
{
    slong n = variables(descent);

    empty_heap(descent);
    for (slong i = 0; i < descent->wells_length; i++)
        if (i != which)
            well_clear(descent->wells + i, n);
    descent->wells_length = which >= 0;
    if (which >= 0)
    {
        descent->wells[0] = descent->wells[which];
        descent->wells[0].twin = 0;
        arb_get_ubound_arf(descent->ceiling, descent->wells[0].value, descent->goal + SEARCH_PRECISION);
    }
    else
        arf_zero(descent->ceiling);
}
