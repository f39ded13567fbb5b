/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Claims about T* and its place on flat quotients. By algebra where a point z_0 is known by formulas: -1/c is the smallest
    eigenvalue there and its gradient vanishes [HESSIAN-8]; else to the digits, after more bits could not tell them apart.
*/

#include "flat.h"

/* Blocks with more rows are left to the digits. */
#define MOST_ROWS 5

/* Near misses are looked for with so many bits. */
#define NEAR_MISS_BITS 1024

int
flat_evaluate_constant(arb_t res, const caustic_pool * pool, caustic_expr e, slong prec)
{
    caustic_tape * tape = caustic_tape_new(pool, &e, 1, NULL, 0);

    arb_indeterminate(res);
    if (tape != NULL)
        caustic_tape_evaluate_arb(res, tape, NULL, prec);
    caustic_tape_free(tape);
    return arb_is_finite(res);
}

/* Exactly zero, by the field; not, by a ball. */
static truth_t
constant_is_zero(hessian_t hessian, caustic_expr e)
{
    arb_t x;
    int away;

    if (e == CAUSTIC_NONE)
        return T_UNKNOWN;
    arb_init(x);
    away = flat_evaluate_constant(x, hessian->problem->pool, e, 4 * SEARCH_PRECISION) && !arb_contains_zero(x);
    arb_clear(x);
    return away ? T_FALSE : hessian_is_zero(hessian, e);
}

/* Exact matrices *****************************************************************************/

/* The determinant of the rows first, first + 1, .. and the listed columns: Laplace, over at most MOST_ROWS! products. */
static caustic_expr
minor(caustic_pool * pool, const caustic_expr * entries, slong m, const slong * row, const slong * column, slong length)
{
    caustic_expr sum = caustic_integer(pool, 0);
    slong rest[MOST_ROWS];

    if (length == 0)
        return caustic_integer(pool, 1);
    for (slong j = 0; j < length; j++)
    {
        slong kept = 0;
        caustic_expr term;

        for (slong k = 0; k < length; k++)
            if (k != j)
                rest[kept++] = column[k];
        term = caustic_mul(pool, entries[row[0] * m + column[j]], minor(pool, entries, m, row + 1, rest, length - 1));
        sum = j % 2 == 0 ? caustic_add(pool, sum, term) : caustic_sub(pool, sum, term);
    }
    return sum;
}

/* The cofactors of the first row: orthogonal to all others. */
static void
cofactors(caustic_expr * u, caustic_pool * pool, const caustic_expr * entries, slong m, slong skipped)
{
    slong row[MOST_ROWS], column[MOST_ROWS], length;

    for (slong j = 0; j < m; j++)
    {
        length = 0;
        for (slong i = 0; i < m; i++)
            if (i != skipped)
                row[length++] = i;
        length = 0;
        for (slong i = 0; i < m; i++)
            if (i != j)
                column[length++] = i;
        u[j] = minor(pool, entries, m, row, column, m - 1);
        if ((j + skipped) % 2 == 1)
            u[j] = caustic_neg(pool, u[j]);
    }
}

/* c times an entry of the form plus that of the metric, or their derivatives by z_k (k >= 0), at the point. */
static caustic_expr
entry_at(const hessian_t hessian, const block_struct * block, slong i, slong j, slong k, caustic_expr c, const caustic_expr * point)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_pool * pool = problem->pool;
    slong d = problem->dimension, e = block->row[i] * d + block->row[j];
    caustic_expr p = hessian->form[e], g = hessian->metric == NULL ? caustic_integer(pool, i == j) : hessian->metric[e];

    if (k >= 0)
    {
        p = caustic_derivative(pool, p, problem->z[k]);
        g = caustic_derivative(pool, g, problem->z[k]);
    }
    return caustic_substitute(pool, caustic_add(pool, caustic_mul(pool, c, p), g), problem->z, point, d);
}

/* u^T (c d_k P + d_k G) u = 0 exactly for each free variable of the well: the gradient of the eigenvalue vanishes. */
static truth_t
gradient_vanishes(hessian_t hessian, const block_struct * block, const well_struct * well, caustic_expr c,
    const caustic_expr * point, const caustic_expr * u)
{
    caustic_pool * pool = hessian->problem->pool;
    truth_t all = T_TRUE;

    for (slong k = 0; k < block->variables && all == T_TRUE; k++)
    {
        caustic_expr sum = caustic_integer(pool, 0);

        if (well->zone.face[k] != 0)
            continue;
        for (slong i = 0; i < block->size; i++)
            for (slong j = 0; j < block->size; j++)
                sum = caustic_add(pool, sum, caustic_mul(pool, caustic_mul(pool, u[i], u[j]),
                    entry_at(hessian, block, i, j, block->variable[k], c, point)));
        all = constant_is_zero(hessian, sum);
    }
    return all;
}

/* Whether a coordinate of the point is in the closed region: a zone may reach beyond it by what rounding its ends costs. */
static int
is_in_closed_region(const region_struct * region, const caustic_pool * pool, caustic_expr e, const arb_t x, slong prec)
{
    int number = caustic_expr_op(pool, e) == CAUSTIC_OP_NUMBER, inside;
    arb_t end;

    arb_init(end);
    arb_set_fmpq(end, region->lower, prec);
    inside = region->lower_infinite || (number ? fmpq_cmp(caustic_expr_fmpq(pool, e), region->lower) >= 0 : arb_ge(x, end));
    arb_set_fmpq(end, region->upper, prec);
    inside = inside && (region->upper_infinite
        || (number ? fmpq_cmp(caustic_expr_fmpq(pool, e), region->upper) <= 0 : arb_le(x, end)));
    arb_clear(end);
    return inside;
}

/* The point in the zone of the well and in the region, with certainty. */
static int
point_in_zone(const well_struct * well, const block_struct * block, const caustic_shock_flat_problem * problem,
    const region_struct * region, const caustic_expr * point, slong prec)
{
    slong n = block->variables;
    arb_t x;
    int inside = 1;

    arb_init(x);
    for (slong k = 0; k < n && inside && !block->constant; k++)
    {
        caustic_expr e = point[block->variable[k]];

        if (well->zone.face[k] != 0)
            inside = caustic_expr_op(problem->pool, e) == CAUSTIC_OP_NUMBER && fmpq_equal(caustic_expr_fmpq(problem->pool, e),
                well->zone.face[k] < 0 ? region[block->variable[k]].lower : region[block->variable[k]].upper);
        else
            inside = flat_evaluate_constant(x, problem->pool, e, prec) && arb_ge(x, well->zone.ends + k)
                && arb_le(x, well->zone.ends + n + k) && is_in_closed_region(region + block->variable[k], problem->pool, e, x, prec);
    }
    arb_clear(x);
    return inside;
}

/* The smallest eigenvalue at the point is the one in the bracket: all others are above it. */
static int
is_smallest(const block_struct * block, const caustic_shock_flat_problem * problem, const caustic_expr * point, const arb_t c,
    slong prec)
{
    chart_cell_t cell;
    arb_ptr where = _arb_vec_init(block->variables + 1), upper = where + block->variables;
    int good = arb_is_positive(c);

    for (slong k = 0; k < block->variables && good; k++)
        good = flat_evaluate_constant(where + k, problem->pool, point[block->variable[k]], prec);
    if (good)
    {
        chart_cell_init(cell, block->pencil);
        chart_cell_set_point(cell, where, prec);
        arb_inv(upper, c, prec);
        arb_neg(upper, upper);
        arb_get_ubound_arf(arb_midref(upper), upper, prec);
        mag_zero(arb_radref(upper));
        good = cell->defined && eigenvalue_is_alone(cell, upper);
        chart_cell_clear(cell);
    }
    _arb_vec_clear(where, block->variables + 1);
    return good;
}

/* [HESSIAN-8] T_TRUE: the minimum of the well is taken at the point and is -1/c. T_FALSE: -1/c is no eigenvalue there, or the gradient does
   not vanish: then not both are right. */
static truth_t
well_is_exactly(hessian_t hessian, const block_struct * block, const well_struct * well, caustic_expr c, const caustic_expr * point,
    const arb_t time, slong prec)
{
    caustic_pool * pool = hessian->problem->pool;
    slong m = block->size, row[MOST_ROWS], skipped;
    caustic_expr entries[MOST_ROWS * MOST_ROWS], u[MOST_ROWS];
    truth_t answer;

    if (m > MOST_ROWS || c == CAUSTIC_NONE || !point_in_zone(well, block, hessian->problem, hessian->region, point, prec)
        || !is_smallest(block, hessian->problem, point, time, prec))
        return T_UNKNOWN;
    for (slong i = 0; i < m; i++)
    {
        row[i] = i;
        for (slong j = 0; j < m; j++)
            entries[i * m + j] = entry_at(hessian, block, i, j, -1, c, point);
    }
    answer = constant_is_zero(hessian, minor(pool, entries, m, row, row, m));
    if (answer != T_TRUE || block->constant)
        return answer;
    /* a row of cofactors that is certainly not 0 spans the kernel */
    for (skipped = 0; skipped < m; skipped++)
    {
        int nonzero = 0;

        cofactors(u, pool, entries, m, skipped);
        for (slong j = 0; j < m && !nonzero; j++)
            nonzero = constant_is_zero(hessian, u[j]) == T_FALSE;
        if (nonzero)
            return gradient_vanishes(hessian, block, well, c, point, u);
    }
    return T_UNKNOWN;
}

/* Points *************************************************************************************/

/* The well's minimiser as simple fractions; 0: it does not look like any. */
static int
simple_point(caustic_expr * point, const flat_t flat, slong which, const well_struct * well)
{
    const hessian_struct * hessian = flat->hessian;
    const block_struct * block = hessian->block + which;
    caustic_pool * pool = hessian->problem->pool;
    fmpq_t q;
    int simple = 1;

    fmpq_init(q);
    for (slong k = 0; k < hessian->problem->dimension; k++)
    {
        region_inner_point(q, hessian->region + k);
        point[k] = caustic_number(pool, q);
    }
    for (slong k = 0; k < block->variables && simple && !block->constant; k++)
    {
        const region_struct * region = hessian->region + block->variable[k];

        if (well->zone.face[k] != 0)
            fmpq_set(q, well->zone.face[k] < 0 ? region->lower : region->upper);
        else
            simple = exact_simplest(q, well->location + k)
                && (slong) (fmpz_bits(fmpq_numref(q)) + fmpz_bits(fmpq_denref(q))) <= flat->goal / 2;
        point[block->variable[k]] = caustic_number(pool, q);
    }
    fmpq_clear(q);
    return simple;
}

/* The time ***********************************************************************************/

/* Whether every well that may hold the infimum has the claimed value exactly. */
static truth_t
time_by_algebra(flat_t flat, caustic_expr claim, const arb_t c, slong prec)
{
    hessian_struct * hessian = flat->hessian;
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_expr * point = flint_malloc((size_t) problem->dimension * sizeof(caustic_expr));
    truth_t all = T_TRUE;

    for (slong i = 0; i < hessian->blocks && all == T_TRUE; i++)
        for (slong j = 0; j < flat->descents[i].wells_length && flat->active[i] && all == T_TRUE; j++)
        {
            const well_struct * well = flat->descents[i].wells + j;

            all = T_UNKNOWN;
            if (problem->claimed_at != NULL)
                all = well_is_exactly(hessian, hessian->block + i, well, claim, problem->claimed_at, c, prec);
            if (all != T_TRUE && simple_point(point, flat, i, well))
                all = well_is_exactly(hessian, hessian->block + i, well, claim, point, c, prec);
        }
    flint_free(point);
    /* a point that only looks like the minimiser refutes nothing */
    return all == T_TRUE ? T_TRUE : T_UNKNOWN;
}

/* T* with many more bits: may exclude what the digits do not. The wells stay as sharp. */
static void
sharpen(arb_t time, caustic_shock_result_t result, flat_t flat)
{
    slong before = flat->precision;

    flat->precision = FLINT_MIN(FLINT_MAX(NEAR_MISS_BITS, 2 * before), flat->hessian->problem->precision_limit);
    arb_set(time, result->time);
    for (slong i = 0; i < flat->hessian->blocks; i++)
        descent_refine(flat->descents + i, flat->precision);
    flat_collect(flat);
    flat_set_time(result, flat);
    arb_swap(result->time, time);
    flat->precision = before;
}

static void
decide_time(caustic_shock_result_t result, flat_t flat, const arb_t sharp, caustic_text_t detail)
{
    const caustic_shock_flat_problem * problem = flat->hessian->problem;
    slong prec = FLINT_MAX(FLINT_MAX(flat->precision, flat->goal), NEAR_MISS_BITS) + SEARCH_PRECISION;
    int proved = result->verdict == CAUSTIC_PROVED;
    arb_t c;

    arb_init(c);
    result->claim_time = CAUSTIC_UNDECIDED;
    if (!flat_evaluate_constant(c, problem->pool, problem->claimed_time, prec))
        caustic_text_append(detail, "the claimed time is not a number that can be evaluated");
    else if (proved && !result->shock)
    {
        result->claim_time = CAUSTIC_REFUTED;
        result->claim_exact = 1;
        caustic_text_append(detail, "there is no focal time");
    }
    else if (proved && flat->resolved && arb_overlaps(c, result->time) && time_by_algebra(flat, problem->claimed_time, c, prec) == T_TRUE)
    {
        result->claim_time = CAUSTIC_PROVED;
        result->claim_exact = 1;
        caustic_text_append(detail, "equal to T*, by algebra");
    }
    else
    {
        result->claim_time = compare_balls(c, result->time, problem->digits, proved, prec);
        if (result->claim_time != CAUSTIC_REFUTED && proved && arb_is_finite(sharp) && !arb_overlaps(c, sharp))
            result->claim_time = CAUSTIC_REFUTED;
        /* an upper bound of T* alone may do */
        if (result->claim_time == CAUSTIC_UNDECIDED && arf_sgn(flat->ceiling) < 0)
        {
            arb_t product;

            arb_init(product);
            arb_mul_arf(product, c, flat->ceiling, prec);
            arb_add_ui(product, product, 1, prec);
            if (arb_is_negative(product))
                result->claim_time = CAUSTIC_REFUTED;
            arb_clear(product);
        }
        if (result->claim_time == CAUSTIC_PROVED)
            caustic_text_printf(detail, "equal to T* to %ld digits", (long) problem->digits);
        else
            caustic_text_append(detail, result->claim_time == CAUSTIC_REFUTED ? "outside the enclosure of T*" : "not told apart from T*");
    }
    arb_clear(c);
}

/* The place **********************************************************************************/

/* lambda(point) > infimum. */
static int
value_is_too_large(const flat_t flat, arb_srcptr where, slong prec)
{
    const hessian_struct * hessian = flat->hessian;
    int larger = 1;

    for (slong i = 0; i < hessian->blocks && larger; i++)
    {
        const block_struct * block = hessian->block + i;
        arb_ptr point = _arb_vec_init(block->variables);
        chart_cell_t cell;
        arf_t bound;

        arf_init(bound);
        for (slong k = 0; k < block->variables; k++)
            arb_set(point + k, where + block->variable[k]);
        chart_cell_init(cell, block->pencil);
        chart_cell_set_point(cell, point, prec);
        larger = chart_cell_lower(bound, cell, flat->ceiling);
        chart_cell_clear(cell);
        _arb_vec_clear(point, block->variables);
        arf_clear(bound);
    }
    return larger;
}

/* An image of the claimed point under the exchanges lies in the well's location: any coordinate of a class may be any other's. */
static int
may_be_minimiser(const well_struct * well, const descent_struct * descent, const block_struct * block, arb_srcptr where)
{
    for (slong k = 0; k < block->variables; k++)
    {
        int met = 0;

        for (slong j = 0; j < block->variables; j++)
            met = met || ((j == k || (descent->symmetric != NULL && descent->symmetric[j] == descent->symmetric[k]))
                && arb_overlaps(well->location + j, where + block->variable[k]));
        if (!met)
            return 0;
    }
    return 1;
}

/* The image of the claimed point with exchangeable coordinates in ascending order, as the search takes them. */
static void
set_image(caustic_expr * image, arb_ptr there, const flat_t flat, const descent_struct * descent, arb_srcptr where)
{
    const caustic_shock_flat_problem * problem = flat->hessian->problem;
    slong d = problem->dimension;

    for (slong k = 0; k < d; k++)
    {
        image[k] = problem->claimed_at[k];
        arb_set(there + k, where + k);
    }
    /* a block with a symmetry has all coordinates as its variables */
    for (slong k = 0; k < d && descent->symmetric != NULL; k++)
        for (slong j = 0; j < k; j++)
            if (descent->symmetric[j] == descent->symmetric[k] && arf_cmp(arb_midref(there + k), arb_midref(there + j)) < 0)
            {
                FLINT_SWAP(caustic_expr, image[j], image[k]);
                arb_swap(there + j, there + k);
            }
}

/* -1/c is an eigenvalue of the Hessian at the point, exactly. */
static int
time_is_taken(hessian_t hessian, caustic_expr c, const caustic_expr * point)
{
    int taken = 0;

    for (slong b = 0; b < hessian->blocks && !taken; b++)
    {
        const block_struct * block = hessian->block + b;
        slong m = block->size, row[MOST_ROWS];
        caustic_expr entries[MOST_ROWS * MOST_ROWS];

        if (m > MOST_ROWS)
            continue;
        for (slong i = 0; i < m; i++)
        {
            row[i] = i;
            for (slong j = 0; j < m; j++)
                entries[i * m + j] = entry_at(hessian, block, i, j, -1, c, point);
        }
        taken = constant_is_zero(hessian, minor(hessian->problem->pool, entries, m, row, row, m)) == T_TRUE;
    }
    return taken;
}

/* Among the wells of the one block that holds the infimum. */
static caustic_verdict
decide_place_by_wells(caustic_shock_result_t result, flat_t flat, slong which, arb_srcptr where, slong prec, caustic_text_t detail)
{
    hessian_struct * hessian = flat->hessian;
    const caustic_shock_flat_problem * problem = hessian->problem;
    const block_struct * block = hessian->block + which;
    const descent_struct * descent = flat->descents + which;
    slong met = 0;
    caustic_expr * image = flint_malloc((size_t) problem->dimension * sizeof(caustic_expr));
    arb_ptr there = _arb_vec_init(problem->dimension);
    caustic_verdict verdict = CAUSTIC_UNDECIDED;

    set_image(image, there, flat, descent, where);
    for (slong j = 0; j < descent->wells_length && verdict == CAUSTIC_UNDECIDED; j++)
    {
        const well_struct * well = descent->wells + j;
        caustic_expr time = problem->claimed_time;
        int close = 1;

        if (!may_be_minimiser(well, descent, block, where))
            continue;
        met++;
        if (result->minimisers < 1)
            continue;
        if (time != CAUSTIC_NONE && result->claim_time == CAUSTIC_PROVED && result->claim_exact
            && well_is_exactly(hessian, block, well, time, image, result->time, prec) == T_TRUE)
        {
            caustic_text_append(detail, "a minimiser, by algebra");
            verdict = CAUSTIC_PROVED;
            continue;
        }
        for (slong k = 0; k < block->variables && close; k++)
            close = compare_balls(there + block->variable[k], well->location + k, problem->digits, 1, prec) == CAUSTIC_PROVED;
        if (close && descent->wells_length == 1)
        {
            caustic_text_printf(detail, "%s minimiser to %ld digits", result->minimisers == 1 ? "the" : "a", (long) problem->digits);
            verdict = CAUSTIC_PROVED;
        }
    }
    if (verdict == CAUSTIC_UNDECIDED && met == 0)
    {
        caustic_text_append(detail, "not a minimiser");
        verdict = CAUSTIC_REFUTED;
    }
    flint_free(image);
    _arb_vec_clear(there, problem->dimension);
    return verdict;
}

static caustic_verdict
decide_place(caustic_shock_result_t result, flat_t flat, caustic_text_t detail)
{
    hessian_struct * hessian = flat->hessian;
    const caustic_shock_flat_problem * problem = hessian->problem;
    slong d = problem->dimension, prec = FLINT_MAX(flat->precision, flat->goal) + SEARCH_PRECISION, active = 0, which = 0;
    arb_ptr where = _arb_vec_init(d);
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    int proved = result->verdict == CAUSTIC_PROVED, known = 1, inside = 1, outside = 0, constant = 1;

    for (slong k = 0; k < d && known; k++)
    {
        known = flat_evaluate_constant(where + k, problem->pool, problem->claimed_at[k], prec);
        if (known && hessian->field_open)
        {
            int contained = region_contains_expr(hessian->region + k, problem->pool, problem->claimed_at[k], where + k);

            inside = inside && contained == 1;
            outside = outside || contained == -1;
        }
    }
    for (slong i = 0; i < hessian->blocks && flat->active != NULL; i++)
        if (flat->active[i])
        {
            active++;
            which = i;
            constant = constant && hessian->block[i].constant;
        }
    if (!known)
        caustic_text_append(detail, "the claimed place is not a point that can be evaluated");
    else if (proved && !result->shock)
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_append(detail, "there is no minimiser");
    }
    else if (outside)
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_append(detail, "outside the box");
    }
    else if (inside && flat->started > 0 && arf_sgn(flat->ceiling) < 0 && value_is_too_large(flat, where, prec))
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_append(detail, "the focal time there is later");
    }
    else if (proved && result->attained == 0)
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_append(detail, "there is no minimiser");
    }
    else if (proved && inside && active > 0 && constant)
    {
        verdict = CAUSTIC_PROVED;
        caustic_text_append(detail, "every point of the box is a minimiser");
    }
    else if (proved && inside && flat->resolved && active == 1)
        verdict = decide_place_by_wells(result, flat, which, where, prec, detail);
    /* lambda there is at most -1/c and at least the infimum, which is -1/c to the digits [HESSIAN-8] */
    else if (proved && inside && problem->claimed_time != CAUSTIC_NONE && result->claim_time == CAUSTIC_PROVED
        && time_is_taken(hessian, problem->claimed_time, problem->claimed_at))
    {
        verdict = CAUSTIC_PROVED;
        caustic_text_append(detail, "a minimiser: the focal time there is the claimed one, by algebra");
    }
    if (verdict == CAUSTIC_UNDECIDED && detail->length == 0)
        caustic_text_append(detail, "not decided whether it is a minimiser");
    _arb_vec_clear(where, d);
    return verdict;
}

/* All ****************************************************************************************/

void
flat_claims_decide(caustic_shock_result_t result, flat_t flat)
{
    const caustic_shock_flat_problem * problem = flat->hessian->problem;
    int proved = result->verdict == CAUSTIC_PROVED;
    caustic_text_t detail, more;
    arb_t sharp;

    caustic_text_init(detail);
    caustic_text_init(more);
    arb_init(sharp);
    arb_indeterminate(sharp);
    if (proved && result->shock && flat->resolved && (problem->claimed_time != CAUSTIC_NONE || problem->claimed_at != NULL))
        sharpen(sharp, result, flat);
    if (problem->claimed_none)
    {
        result->claim_time = proved ? (result->shock ? CAUSTIC_REFUTED : CAUSTIC_PROVED)
            : arf_sgn(flat->ceiling) < 0 ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
        result->claim_exact = 1;
        caustic_text_printf(detail, "the claim that there is no shock is %s", caustic_verdict_name(result->claim_time));
    }
    else if (problem->claimed_time != CAUSTIC_NONE)
        decide_time(result, flat, sharp, detail);
    if (problem->claimed_at != NULL)
    {
        result->claim_at = decide_place(result, flat, more);
        caustic_text_printf(detail, "%splace: %s", detail->length > 0 ? "; " : "", more->data);
    }
    flint_free(result->claim_detail);
    result->claim_detail = caustic_text_take(detail);
    caustic_text_clear(detail);
    caustic_text_clear(more);
    arb_clear(sharp);
}
