/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    T* = -1/inf lambda on a flat quotient: the blocks of the Hessian one after the other, and what is said about them.
*/

#include <string.h>
#include "flat.h"

/* Pieces that take some seconds: jets of second order of all entries. */
#define WORK_LIMIT 2000000

static void
flat_init(flat_t flat, const caustic_shock_flat_problem * problem)
{
    memset(flat, 0, sizeof(flat_struct));
    hessian_init(flat->hessian, problem);
    bracket_init(flat->bracket);
    arf_init(flat->floor);
    arf_init(flat->ceiling);
    arb_init(flat->time);
    flat->common_time = CAUSTIC_NONE;
    flat->subject = "the smallest eigenvalue of the Hessian";
    flat->goal = (slong) (3.33 * (double) problem->digits) + 8;
    flat->precision = SEARCH_PRECISION;
}

static void
forget_block(flat_t flat, slong i)
{
    descent_clear(flat->descents + i);
    for (slong k = 0; k < flat->hessian->block[i].variables; k++)
        region_clear(flat->regions[i] + k);
    flint_free(flat->regions[i]);
    if (flat->line[i] != NULL)
        caustic_shock_result_clear(flat->line[i]);
    flint_free(flat->line[i]);
    flat->line[i] = NULL;
}

void
flat_forget(flat_t flat)
{
    for (slong i = 0; i < flat->started; i++)
        forget_block(flat, i);
    flat->started = 0;
}

static void
flat_clear(flat_t flat)
{
    flat_forget(flat);
    for (slong i = 0; flat->outside != NULL && i < flat->hessian->blocks; i++)
        arf_clear(flat->outside + i);
    flint_free(flat->outside);
    flint_free(flat->line);
    flint_free(flat->descents);
    flint_free(flat->regions);
    flint_free(flat->active);
    bracket_clear(flat->bracket);
    arf_clear(flat->floor);
    arf_clear(flat->ceiling);
    arb_clear(flat->time);
    hessian_clear(flat->hessian);
}

/* The search *********************************************************************************/

/* A constant is searched at one point. */
static void
copy_region(region_struct * copy, const region_struct * region, int constant)
{
    region_init(copy);
    if (constant)
    {
        region_inner_point(copy->lower, region);
        fmpq_set(copy->upper, copy->lower);
        copy->lower_included = copy->upper_included = 1;
        return;
    }
    fmpq_set(copy->lower, region->lower);
    fmpq_set(copy->upper, region->upper);
    copy->lower_infinite = region->lower_infinite;
    copy->upper_infinite = region->upper_infinite;
    copy->lower_included = region->lower_included;
    copy->upper_included = region->upper_included;
}

void
flat_make_room(flat_t flat)
{
    slong blocks = flat->hessian->blocks;

    flat->descents = flint_calloc((size_t) blocks, sizeof(descent_struct));
    flat->regions = flint_calloc((size_t) blocks, sizeof(region_struct *));
    flat->active = flint_calloc((size_t) blocks, sizeof(int));
    flat->line = flint_calloc((size_t) blocks, sizeof(caustic_shock_result_struct *));
    flat->outside = flint_calloc((size_t) blocks, sizeof(arf_struct));
}

static void
prepare_regions(flat_t flat, slong i)
{
    const block_struct * block = flat->hessian->block + i;

    flat->regions[i] = flint_malloc((size_t) block->variables * sizeof(region_struct));
    for (slong k = 0; k < block->variables; k++)
        copy_region(flat->regions[i] + k, flat->hessian->region + block->variable[k], block->constant);
}

static void
prepare_descent(flat_t flat, slong i)
{
    hessian_struct * hessian = flat->hessian;
    const block_struct * block = hessian->block + i;
    slong n = block->variables, m = block->size;
    descent_struct * descent = flat->descents + i;

    descent_init(descent, block->pencil, flat->regions[i]);
    flat->started = i + 1;
    descent->goal = flat->goal;
    descent->narrow = (slong) (3.33 * (double) (hessian->problem->digits - 1)) + 2;
    descent->limit = hessian->problem->box_limit > 0 ? hessian->problem->box_limit
        : FLINT_MAX(1000, WORK_LIMIT / ((m * (m + 1) / 2) * ((n + 1) * (n + 2) / 2)));
    if (hessian->blocks == 1 && n == hessian->problem->dimension)
        descent->symmetric = hessian->symmetric;
    arf_set(descent->ceiling, flat->ceiling);
}

void
flat_start(flat_t flat, slong i)
{
    prepare_regions(flat, i);
    prepare_descent(flat, i);
}

void
flat_restart(flat_t flat)
{
    forget_block(flat, --flat->started);
    flat_start(flat, flat->started);
}

/* No infinite ends in what the block depends on. */
int
flat_has_finite_region(const hessian_t hessian, const block_struct * block)
{
    for (slong k = 0; k < block->variables; k++)
        if (!block->constant && !region_is_finite(hessian->region + block->variable[k]))
            return 0;
    return 1;
}

/* The loss of one coordinate alone, the others held still, if the block is its second derivative in arc length: then the solver
   for one dimension knows what to do at open and infinite ends. [HESSIAN-7] */
static caustic_expr
loss_of_line(hessian_t hessian, const block_struct * block)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_pool * pool = problem->pool;
    slong d = problem->dimension, k = block->variable[0];
    caustic_expr * point, loss, g = problem->cometric[k * d + k], first, h, half;
    fmpq_t x;

    if (block->size != 1 || block->variables != 1 || block->constant || hessian->curvature != NULL)
        return CAUSTIC_NONE;
    for (slong j = 0; j < d; j++)
        if (j != k && caustic_expr_depends(pool, g, problem->z[j]))
            return CAUSTIC_NONE;
    fmpq_init(x);
    point = flint_malloc((size_t) d * sizeof(caustic_expr));
    for (slong j = 0; j < d; j++)
    {
        region_inner_point(x, hessian->region + j);
        point[j] = j == k ? problem->z[k] : caustic_number(pool, x);
    }
    loss = caustic_substitute(pool, problem->loss, problem->z, point, d);
    fmpq_set_si(x, 1, 2);
    half = caustic_number(pool, x);
    flint_free(point);
    fmpq_clear(x);
    first = caustic_derivative(pool, loss, problem->z[k]);
    h = caustic_add(pool, caustic_mul(pool, g, caustic_derivative(pool, first, problem->z[k])),
        caustic_mul(pool, half, caustic_mul(pool, caustic_derivative(pool, g, problem->z[k]), first)));
    if (hessian->metric != NULL)
        h = caustic_mul(pool, h, hessian->metric[block->row[0] * d + block->row[0]]);
    return hessian_is_zero(hessian, caustic_sub(pool, h, hessian->form[block->row[0] * d + block->row[0]])) == T_TRUE
        ? loss : CAUSTIC_NONE;
}

/* The block by the solver for one dimension; 0: not possible. */
static int
solve_line(flat_t flat, slong i)
{
    hessian_struct * hessian = flat->hessian;
    const caustic_shock_flat_problem * problem = hessian->problem;
    slong d = problem->dimension, k = hessian->block[i].variable[0], prec = flat->goal + 2 * SEARCH_PRECISION;
    descent_struct * descent = flat->descents + i;
    caustic_shock_problem line;
    caustic_shock_result_struct * result;
    caustic_expr loss = loss_of_line(hessian, hessian->block + i);

    if (loss == CAUSTIC_NONE)
        return 0;
    line.pool = problem->pool;
    line.z = problem->z[k];
    line.domain[0] = problem->domain[k]; /* shallow */
    line.box[0] = problem->box[k];
    line.cometric = problem->cometric[k * d + k];
    line.loss = loss;
    line.digits = problem->digits + 2;
    line.precision_limit = problem->precision_limit;
    line.box_limit = 200000;
    line.claimed_time = line.claimed_at = CAUSTIC_NONE;
    line.claimed_none = 0;
    result = flat->line[i] = flint_malloc(sizeof(caustic_shock_result_struct));
    caustic_shock_result_init(result);
    caustic_shock_global_1d(result, &line);
    arf_neg_inf(descent->floor);
    if (result->verdict == CAUSTIC_PROVED && !result->shock)
        arf_zero(descent->floor);
    else if (arb_is_finite(result->time) && arb_is_positive(result->time))
    {
        arb_t lambda;

        arb_init(lambda);
        arb_inv(lambda, result->time, prec);
        arb_neg(lambda, lambda);
        arb_get_lbound_arf(descent->floor, lambda, prec);
        arb_get_ubound_arf(descent->ceiling, lambda, prec);
        arb_clear(lambda);
    }
    return result->verdict == CAUSTIC_PROVED && arf_is_finite(descent->floor);
}

void
flat_collect(flat_t flat)
{
    arf_zero(flat->floor);
    for (slong i = 0; i < flat->started; i++)
        if (arf_cmp(flat->descents[i].ceiling, flat->ceiling) < 0)
            arf_set(flat->ceiling, flat->descents[i].ceiling);
    for (slong i = 0; i < flat->started; i++)
    {
        const descent_struct * descent = flat->descents + i;

        flat->active[i] = (descent->length > 0 || descent->wells_length > 0 || flat->line[i] != NULL)
            && arf_cmp(descent->floor, flat->ceiling) <= 0 && arf_sgn(descent->floor) < 0;
        if (flat->active[i] && arf_cmp(descent->floor, flat->floor) < 0)
            arf_set(flat->floor, descent->floor);
        flat->active[i] |= arf_sgn(flat->outside + i) < 0;
        if (arf_cmp(flat->outside + i, flat->floor) < 0)
            arf_set(flat->floor, flat->outside + i);
    }
}

void
flat_set_time(caustic_shock_result_t result, const flat_t flat)
{
    slong prec = flat->precision + 2 * SEARCH_PRECISION;

    arb_indeterminate(result->time);
    if (arf_is_finite(flat->floor) && arf_sgn(flat->ceiling) < 0 && arf_cmp(flat->floor, flat->ceiling) <= 0)
    {
        arb_set_interval_arf(result->time, flat->floor, flat->ceiling, prec);
        arb_inv(result->time, result->time, prec);
        arb_neg(result->time, result->time);
    }
}

/* The cores reach to 2^bits. */
static const slong reach[] = { 1, 2, 3, 5, 8, 20, 60 };

/* Beyond the core lambda > ceiling; or it is at least a number so little below the ceiling that the digits do not tell, which
   becomes `outside`. [HESSIAN-11] */
static int
outside_is_known(flat_t flat, slong i, const region_struct * wide, const fmpq_t cut)
{
    const hessian_struct * hessian = flat->hessian;
    const block_struct * block = hessian->block + i;
    const descent_struct * descent = flat->descents + i;
    arf_t mu;
    int known;

    arf_init(mu);
    arf_set_round(mu, descent->ceiling, 2 * SEARCH_PRECISION, ARF_RND_CEIL);
    known = beyond_exceeds(hessian, block, wide, cut, mu);
    if (!known && arf_sgn(mu) < 0)
    {
        arf_mul_2exp_si(flat->outside + i, mu, -descent->narrow - 2);
        arf_add(flat->outside + i, mu, flat->outside + i, flat->goal + SEARCH_PRECISION, ARF_RND_FLOOR);
        known = beyond_exceeds(hessian, block, wide, cut, flat->outside + i);
        if (!known)
            arf_zero(flat->outside + i);
    }
    arf_clear(mu);
    return known;
}

/* Larger and larger cores, until what lies beyond is known; periods first. 0: it is not. */
static int
search_infinite(caustic_shock_result_t result, flat_t flat, slong i, descent_status * status)
{
    hessian_struct * hessian = flat->hessian;
    const block_struct * block = hessian->block + i;
    slong n = block->variables;
    region_struct * wide = flint_malloc((size_t) n * sizeof(region_struct));
    fmpq_t cut;
    int known = 0;

    fmpq_init(cut);
    descent_clear(flat->descents + i);
    flat->periodic |= beyond_take_periods(flat->regions[i], hessian, block) > 0;
    for (slong k = 0; k < n; k++)
        copy_region(wide + k, flat->regions[i] + k, 0);
    for (size_t step = 0; step < sizeof(reach) / sizeof(reach[0]) && !known; step++)
    {
        int infinite;

        if (step > 0)
            descent_clear(flat->descents + i);
        for (slong k = 0; k < n; k++)
        {
            region_clear(flat->regions[i] + k);
            copy_region(flat->regions[i] + k, wide + k, 0);
        }
        infinite = beyond_cut(flat->regions[i], cut, n, reach[step]);
        flat->cut |= infinite;
        prepare_descent(flat, i);
        *status = descent_run(flat->descents + i);
        result->cells += flat->descents[i].pieces;
        if (arf_cmp(flat->descents[i].ceiling, flat->ceiling) < 0)
            arf_set(flat->ceiling, flat->descents[i].ceiling);
        known = !infinite || outside_is_known(flat, i, wide, cut);
        if (!known && (*status == DESCENT_LIMIT || *status == DESCENT_UNDEFINED))
            break;
    }
    for (slong k = 0; k < n; k++)
        region_clear(wide + k);
    flint_free(wide);
    fmpq_clear(cut);
    return known;
}

/* 1: the time is as sharp as asked, or there is none. */
static int
search_blocks(caustic_shock_result_t result, flat_t flat)
{
    const caustic_shock_flat_problem * problem = flat->hessian->problem;
    slong blocks = flat->hessian->blocks;
    int narrow = 1;

    flat_make_room(flat);
    flat->resolved = 1;
    flat->worst = DESCENT_RESOLVED;
    for (slong i = 0; i < blocks; i++)
    {
        descent_status status;

        flat_start(flat, i);
        if (flat_has_finite_region(flat->hessian, flat->hessian->block + i))
        {
            status = descent_run(flat->descents + i);
            result->cells += flat->descents[i].pieces;
        }
        else if (solve_line(flat, i))
        {
            flat->resolved = 0;
            continue;
        }
        else if (flat->line[i] != NULL || !search_infinite(result, flat, i, &status))
        {
            flat->unbounded = 1;
            flat_collect(flat);
            arf_neg_inf(flat->floor);
            return 0;
        }
        flat->resolved = flat->resolved && status == DESCENT_RESOLVED && arf_is_zero(flat->outside + i);
        narrow = narrow && (status == DESCENT_RESOLVED || status == DESCENT_NARROW);
        flat->worst = FLINT_MAX(flat->worst, status);
        if (arf_cmp(flat->descents[i].ceiling, flat->ceiling) < 0)
            arf_set(flat->ceiling, flat->descents[i].ceiling);
    }
    for (flat->precision = flat->goal + SEARCH_PRECISION; ; flat->precision *= 2)
    {
        for (slong i = 0; i < blocks; i++)
            if (flat->line[i] == NULL)
                descent_refine(flat->descents + i, FLINT_MIN(flat->precision, problem->precision_limit));
        flat_collect(flat);
        flat_set_time(result, flat);
        if (arf_is_zero(flat->floor) || time_is_sharp(result->time, problem->digits))
            return 1;
        if (flat->precision >= problem->precision_limit || !narrow)
            return 0;
    }
}

/* Minimisers *********************************************************************************/

/* Whether the well's minimiser, with two coordinates exchanged, is proved the same (1) or another (0); -1: open. */
static int
exchange_fixes(const well_struct * well, slong j, slong k, slong n)
{
    const piece_struct * zone = &well->zone;

    if (zone->face[j] != zone->face[k])
        return arb_overlaps(well->location + j, well->location + k) ? -1 : 0;
    if (zone->face[j] != 0)
        return 1;
    if (!arb_overlaps(well->location + j, well->location + k))
        return 0;
    /* the image is a minimiser too, and the zone holds one */
    return arb_ge(well->location + j, zone->ends + k) && arb_le(well->location + j, zone->ends + n + k)
        && arb_ge(well->location + k, zone->ends + j) && arb_le(well->location + k, zone->ends + n + j) ? 1 : -1;
}

/* The images of the minimiser under the exchanges: a product of multinomials; 0: not known. */
static slong
orbit_length(const well_struct * well, const descent_struct * descent)
{
    slong n = descent->pencil->variables, length = 1;

    if (descent->symmetric == NULL)
        return 1;
    for (slong k = 0; k < n; k++)
    {
        slong members = 1, equal = 1;

        for (slong j = 0; j < k; j++)
            if (descent->symmetric[j] == descent->symmetric[k])
            {
                int fixed = exchange_fixes(well, j, k, n);

                if (fixed < 0)
                    return 0;
                members++;
                equal += fixed;
            }
        if (length > WORD_MAX / (members + 1))
            return 0;
        length = length * members / equal;
    }
    return length;
}

/* Two wells whose minimisers may be images of each other. */
static int
may_be_images(const well_struct * a, const well_struct * b, const descent_struct * descent)
{
    slong n = descent->pencil->variables;

    for (slong k = 0; k < n; k++)
    {
        int met = 0;

        for (slong j = 0; j < n; j++)
            met = met || ((j == k || (descent->symmetric != NULL && descent->symmetric[j] == descent->symmetric[k]))
                && arb_overlaps(a->location + j, b->location + k));
        if (!met)
            return 0;
    }
    return 1;
}

/* The block's variables are all coordinates in which the region is more than a point. */
static int
block_fills_region(const hessian_t hessian, const block_struct * block)
{
    slong left = 0;

    for (slong k = 0; k < hessian->problem->dimension; k++)
        left += !region_is_point(hessian->region + k);
    for (slong k = 0; k < block->variables && !block->constant; k++)
        left -= !region_is_point(hessian->region + block->variable[k]);
    return left == 0;
}

static void
set_place(caustic_shock_result_t result, const flat_t flat, slong which)
{
    const hessian_struct * hessian = flat->hessian;
    const block_struct * block = hessian->block + which;

    const descent_struct * descent = flat->descents + which;
    fmpq_t x;

    fmpq_init(x);
    for (slong k = 0; k < hessian->problem->dimension; k++)
    {
        region_inner_point(x, hessian->region + k);
        arb_set_fmpq(result->at + k, x, flat->precision);
    }
    for (slong k = 0; k < block->variables && !block->constant; k++)
        if (!region_is_point(hessian->region + block->variable[k]))
            arb_set(result->at + block->variable[k], descent->wells_length > 0 ? descent->wells[0].location + k : descent->lowest + k);
    fmpq_clear(x);
}

static int
region_is_all_points(const hessian_t hessian)
{
    int points = 1;

    for (slong k = 0; k < hessian->problem->dimension; k++)
        points = points && region_is_point(hessian->region + k);
    return points;
}

/* The block in which the ceiling was found. */
static slong
block_of_ceiling(const flat_t flat)
{
    slong which = 0;

    while (which < flat->hessian->blocks - 1
        && !(flat->active[which] && arf_equal(flat->descents[which].ceiling, flat->ceiling)))
        which++;
    return which;
}

/* Nothing but wells is left of the block, or it was solved in one dimension. */
static int
block_is_resolved(const flat_t flat, slong i)
{
    return flat->line[i] == NULL && flat->descents[i].length == 0 && arf_is_zero(flat->outside + i);
}

/* Whether the infimum of the block is taken, whatever the coordinates that it does not depend on are: 1, 0, or -1 where that
   is not certain. */
static int
block_attains(const flat_t flat, slong i)
{
    const hessian_struct * hessian = flat->hessian;
    const block_struct * block = hessian->block + i;
    const descent_struct * descent = flat->descents + i;
    slong included = 0, excluded = 0;
    int closed = 1;

    if (flat->line[i] != NULL)
        return flat->line[i]->attained;
    for (slong k = 0; k < block->variables && !block->constant; k++)
    {
        const region_struct * region = hessian->region + block->variable[k];

        /* a minimum over a core is one over the infinite box, unless that may lie beyond the core */
        closed = closed && (region->lower_included || region->lower_infinite) && (region->upper_included || region->upper_infinite)
            && arf_is_zero(flat->outside + i);
    }
    for (slong j = 0; j < descent->wells_length; j++)
    {
        included += descent->wells[j].included == 1;
        excluded += descent->wells[j].included == 0;
    }
    if (closed || (block_is_resolved(flat, i) && included == descent->wells_length))
        return 1;
    return block_is_resolved(flat, i) && excluded == descent->wells_length ? 0 : -1;
}

/* Only an active block can take the infimum, and one of them has it. */
static int
infimum_is_attained(const flat_t flat)
{
    int all = 1, none = 1;

    for (slong i = 0; i < flat->hessian->blocks; i++)
        if (flat->active[i])
        {
            int attains = block_attains(flat, i);

            all = all && attains == 1;
            none = none && attains == 0;
        }
    return all ? 1 : none ? 0 : -1;
}

/* What was found of the blocks that were solved in one dimension. */
static void
describe_lines(caustic_text_t detail, const flat_t flat)
{
    const hessian_struct * hessian = flat->hessian;
    slong described = 0;

    for (slong i = 0; i < hessian->blocks; i++)
        if (flat->active[i] && flat->line[i] != NULL)
            caustic_text_printf(detail, "%s%s alone: %s", described++ > 0 ? "; to " : "the smallest eigenvalue of the Hessian belongs to ",
                caustic_expr_name(hessian->problem->pool, hessian->problem->z[hessian->block[i].variable[0]]), flat->line[i]->detail);
}

/* Whether the infimum is taken, and where; the detail. */
void
flat_describe_minimisers(caustic_shock_result_t result, flat_t flat)
{
    hessian_struct * hessian = flat->hessian;
    slong active = 0, solved_on_lines = 0, which = 0, wells = 0, minimisers = 0;
    int distinct = 1, lines = 1, resolved = 1;

    for (slong i = 0; i < hessian->blocks; i++)
    {
        const descent_struct * descent = flat->descents + i;

        if (!flat->active[i])
            continue;
        active++;
        which = i;
        solved_on_lines += flat->line[i] != NULL;
        resolved = resolved && block_is_resolved(flat, i);
        lines = lines && !block_fills_region(hessian, hessian->block + i);
        for (slong j = 0; j < descent->wells_length; j++)
        {
            slong images = orbit_length(descent->wells + j, descent);

            wells++;
            minimisers += images;
            distinct = distinct && images > 0;
            for (slong k = 0; k < j; k++)
                distinct = distinct && !may_be_images(descent->wells + k, descent->wells + j, descent);
        }
    }
    if (region_is_all_points(hessian))
    {
        result->attained = result->minimisers = 1;
        set_place(result, flat, which);
        caustic_text_printf(hessian->detail, "%s at the point", flat->subject);
        return;
    }
    result->attained = infimum_is_attained(flat);
    if (result->attained == 1 && (!resolved || lines || flat->periodic))
        result->minimisers = -1;
    else if (result->attained == 1 && active == 1 && distinct)
        result->minimisers = minimisers;
    if (result->attained == 1 && solved_on_lines == 0)
        set_place(result, flat, block_of_ceiling(flat));

    if (solved_on_lines == active)
    {
        describe_lines(hessian->detail, flat);
        return;
    }
    if (hessian->blocks > 1)
        caustic_text_printf(hessian->detail, "the %s has %ld blocks, each searched alone; ", hessian->curvature == NULL ? "Hessian" : "form",
            (long) hessian->blocks);
    else if (hessian->symmetric != NULL)
        caustic_text_append(hessian->detail, "coordinates may be exchanged, and only those in order are searched; ");
    if (solved_on_lines > 0)
    {
        describe_lines(hessian->detail, flat);
        caustic_text_append(hessian->detail, ", as far as the digits tell; ");
    }
    if (!resolved)
        caustic_text_printf(hessian->detail, "inf of %s enclosed by branch and bound; the places where it is taken, one degenerate minimum"
            " or many, are not told apart", flat->subject);
    else if (active == 1 && hessian->block[which].constant)
        caustic_text_printf(hessian->detail, "%s is constant: every point is a minimiser", flat->subject);
    else if (lines)
        caustic_text_printf(hessian->detail, "%s does not depend on all coordinates: its minimum is taken whatever the others are",
            flat->subject);
    else if (wells == 1)
        caustic_text_printf(hessian->detail, "around one point %s is simple and strictly convex; it is larger elsewhere", flat->subject);
    else
        caustic_text_printf(hessian->detail, "%ld places where %s is least, to %ld bits; it is larger elsewhere", (long) wells,
            flat->subject, (long) flat->precision);
    if (flat->periodic)
        caustic_text_append(hessian->detail, "; the Hessian is periodic, and one period was searched");
    if (flat->cut)
        caustic_text_append(hessian->detail, "; for large coordinates it is bounded by growth sums");
    if (result->attained == 0)
        caustic_text_append(hessian->detail, "; not attained: an end of the box that is not in the domain");
}

static void
describe_shortfall(const caustic_shock_result_t result, flat_t flat)
{
    const caustic_shock_flat_problem * problem = flat->hessian->problem;
    caustic_text_struct * detail = flat->hessian->detail;

    if (flat->unbounded)
    {
        caustic_text_append(detail, "the box is infinite in a coordinate that the Hessian depends on, and no bound of it could be found for large"
            " values; take a finite box");
        for (slong i = 0; i < flat->started; i++)
            if (flat->line[i] != NULL && flat->line[i]->verdict != CAUSTIC_PROVED)
                caustic_text_printf(detail, " (%s)", flat->line[i]->detail);
    }
    else if (flat->worst == DESCENT_UNDEFINED)
        caustic_text_append(detail, "the Hessian is not certainly defined up to an end of the box");
    else if (flat->worst == DESCENT_LIMIT)
        caustic_text_printf(detail, "the search stopped after %ld boxes; a smaller box or fewer digits may do", (long) result->cells);
    else
        caustic_text_printf(detail, "%ld digits were not reached within the precision limit of %ld bits", (long) problem->digits,
            (long) problem->precision_limit);
    if (arf_sgn(flat->ceiling) >= 0)
        caustic_text_append(detail, "; no negative eigenvalue was found");
    else if (!arb_is_finite(result->time))
    {
        arb_t upper;

        arb_init(upper);
        arb_set_arf(upper, flat->ceiling);
        arb_inv(upper, upper, 2 * SEARCH_PRECISION);
        arb_neg(upper, upper);
        caustic_text_append(detail, "; proved so far: T* <= ");
        caustic_print_upper(detail, upper, 10);
        arb_clear(upper);
    }
}

/* All ****************************************************************************************/

/* earliest <= T* <= latest from the bounds of lambda, where they say more than before. 1: they do. */
static int
set_ends_of_bracket(caustic_shock_result_t result, const arf_t floor, const arf_t ceiling, slong goal)
{
    arf_t time;
    int better = 0;

    arf_init(time);
    if (arf_is_finite(floor) && arf_sgn(floor) < 0)
    {
        arf_ui_div(time, 1, floor, 2 * SEARCH_PRECISION + goal, ARF_RND_CEIL);
        arf_neg(time, time);
        better |= arf_cmp(time, result->earliest) > 0;
        arf_max(result->earliest, result->earliest, time);
    }
    if (arf_sgn(ceiling) < 0)
    {
        arf_ui_div(time, 1, ceiling, 2 * SEARCH_PRECISION + goal, ARF_RND_FLOOR);
        arf_neg(time, time);
        better |= arf_cmp(time, result->latest) < 0;
        arf_min(result->latest, result->latest, time);
    }
    arf_clear(time);
    return better;
}

/* T* = -1/lambda, from the bounds of lambda, in words. */
static void
set_bracket(caustic_shock_result_t result, const flat_t flat)
{
    const bracket_struct * bracket = flat->bracket;
    caustic_text_t how;

    caustic_text_init(how);
    result->bracket = 1;
    set_ends_of_bracket(result, bracket->floor, bracket->ceiling, flat->goal);
    caustic_text_append(how, arf_is_finite(bracket->floor) ? "lower: a Cholesky factor of one matrix below the Hessian on the whole box"
        : "lower: the Hessian has no finite bound on the whole box");
    if (bracket->where == 0)
        caustic_text_append(how, "; upper: a Rayleigh quotient of the Hessian in the middle of the box");
    else if (bracket->where > 0)
        caustic_text_printf(how, "; upper: a Rayleigh quotient of the Hessian at the point %ld", (long) bracket->where);
    else
        caustic_text_append(how, "; upper: no negative eigenvalue at the points that were tried");
    flint_free(result->bracket_detail);
    result->bracket_detail = caustic_text_take(how);
    caustic_text_clear(how);
}

/* Few enough coordinates depend on each other that boxes may be divided. */
static int
can_divide(const flat_t flat)
{
    return flat->bracket->largest <= BRACKET_ONLY && flat->hessian->problem->dimension <= 4 * BRACKET_ONLY;
}

/* Whether the bracket is sharp, or excludes shocks; the answer then. */
static int
bracket_decides(caustic_shock_result_t result, flat_t flat)
{
    hessian_struct * hessian = flat->hessian;
    const bracket_struct * bracket = flat->bracket;
    caustic_text_struct * detail = hessian->detail;
    int closed = 1;

    arf_set(flat->floor, bracket->floor);
    arf_set(flat->ceiling, bracket->ceiling);
    if (arf_sgn(bracket->floor) >= 0)
    {
        result->verdict = CAUSTIC_PROVED;
        arf_zero(flat->floor);
        caustic_text_clear(detail);
        caustic_text_init(detail);
        caustic_text_append(detail, "no focal time: one positive definite matrix is below the Hessian on the whole box");
        return 1;
    }
    set_bracket(result, flat);
    flat->precision = flat->goal + SEARCH_PRECISION;
    flat_set_time(result, flat);
    if (!time_is_sharp(result->time, hessian->problem->digits))
        return 0;
    for (slong k = 0; k < hessian->problem->dimension; k++)
        closed = closed && hessian->region[k].lower_included && hessian->region[k].upper_included;
    result->verdict = CAUSTIC_PROVED;
    result->shock = 1;
    result->attained = closed ? 1 : -1;
    caustic_text_clear(detail);
    caustic_text_init(detail);
    caustic_text_append(detail, "the bounds of the smallest eigenvalue of the Hessian agree: ");
    caustic_text_append(detail, result->bracket_detail);
    return 1;
}

/* The search knows no better bounds where it ends without a result. */
static void
keep_bracket(caustic_shock_result_t result, flat_t flat)
{
    const bracket_struct * bracket = flat->bracket;

    if (!result->bracket || result->verdict == CAUSTIC_PROVED)
        return;
    if (arf_cmp(bracket->floor, flat->floor) > 0 || arf_sgn(flat->floor) >= 0)
        arf_set(flat->floor, bracket->floor);
    if (arf_cmp(bracket->ceiling, flat->ceiling) < 0)
        arf_set(flat->ceiling, bracket->ceiling);
    flat_set_time(result, flat);
    if (set_ends_of_bracket(result, flat->floor, flat->ceiling, flat->goal))
    {
        caustic_text_t how;

        caustic_text_init(how);
        caustic_text_printf(how, "%s; better by dividing the box", result->bracket_detail);
        flint_free(result->bracket_detail);
        result->bracket_detail = caustic_text_take(how);
        caustic_text_clear(how);
    }
}

/* The search ended without a result: the bracket may be one. If not, the better bounds of both stand. */
static void
bracket_after_search(caustic_shock_result_t result, flat_t flat)
{
    arf_t floor, ceiling;
    int known = arb_is_finite(result->time);

    arf_init(floor);
    arf_init(ceiling);
    arf_set(floor, flat->floor);
    arf_set(ceiling, flat->ceiling);
    if (!bracket_decides(result, flat))
    {
        if (known)
            arf_set(flat->floor, floor);
        arf_set(flat->ceiling, ceiling);
    }
    arf_clear(floor);
    arf_clear(ceiling);
}

/* By dividing the box, which also says where; 0: undecided, on a flat quotient. */
static int
solve_by_search(caustic_shock_result_t result, flat_t flat)
{
    hessian_struct * hessian = flat->hessian;

    arf_zero(flat->floor);
    arf_zero(flat->ceiling);
    arb_indeterminate(result->time);
    if (!hessian_prepare(hessian, 1))
        return 0;
    if (hessian->general)
        return never_solve(result, flat);
    if (hessian->curvature != NULL)
    {
        curved_solve(result, flat);
        return 1;
    }
    if (!search_blocks(result, flat))
    {
        describe_shortfall(result, flat);
        return 0;
    }
    result->verdict = CAUSTIC_PROVED;
    if (arf_sgn(flat->floor) == 0)
    {
        arb_indeterminate(result->time);
        caustic_text_append(hessian->detail, "no focal time: the Hessian is nowhere negative on the box, by branch and bound");
    }
    else
    {
        result->shock = 1;
        flat_describe_minimisers(result, flat);
    }
    return 1;
}

/* In few dimensions the search comes first, since it says where; in many the bracket, which takes no time. */
static void
solve(caustic_shock_result_t result, flat_t flat)
{
    hessian_struct * hessian = flat->hessian;
    const caustic_shock_flat_problem * problem = hessian->problem;
    int bracketed = hessian_open(hessian) && bracket_applies(problem) && bracket_find(flat->bracket, hessian, flat->goal);
    int search_first = !bracketed || (can_divide(flat) && (problem->dimension <= BRACKET_FIRST || problem->claimed_at != NULL));

    if (!hessian->field_open || (bracketed && !search_first && bracket_decides(result, flat)))
        return;
    if (bracketed && !can_divide(flat))
    {
        caustic_text_append(hessian->detail, "too many coordinates to divide the box; T* lies in the bracket: ");
        caustic_text_append(hessian->detail, result->bracket_detail);
        return;
    }
    if (!bracketed && bracket_applies(problem) && problem->dimension > BRACKET_ONLY)
    {
        if (hessian->detail->length == 0)
            caustic_text_append(hessian->detail, "the loss is not proved smooth on the whole box by its form");
        return;
    }
    if (!solve_by_search(result, flat) && bracketed && search_first)
        bracket_after_search(result, flat);
}

static void
decide_claims(caustic_shock_result_t result, flat_t flat)
{
    result->curved = flat->hessian->curvature != NULL;
    if (result->curved || flat->hessian->general)
        curved_claims_decide(result, flat);
    else
        flat_claims_decide(result, flat);
}

void
caustic_shock_flat_global(caustic_shock_result_t result, const caustic_shock_flat_problem * problem)
{
    flat_t flat;

    result_make_room(result, problem->dimension);
    flat_init(flat, problem);
    if (problem->digits < 1)
        caustic_text_append(flat->hessian->detail, "at least one digit must be asked for");
    else
    {
        solve(result, flat);
        keep_bracket(result, flat);
    }
    result->precision = flat->precision;
    result->general = flat->hessian->general;
    decide_claims(result, flat);
    flint_free(result->detail);
    result->detail = caustic_text_take(flat->hessian->detail);
    flat_clear(flat);
}

/* Local **************************************************************************************/

/* Starting points: the middle of the region and those of its 2^n parts, for at most six variables. */
static void
descend_from_everywhere(descent_t descent, const region_struct * region)
{
    slong n = descent->pencil->variables, starts = 1 + (WORD(1) << FLINT_MIN(n, 6));
    arb_ptr point = _arb_vec_init(n);
    fmpq_t x, width;

    fmpq_init(x);
    fmpq_init(width);
    for (slong s = 0; s < starts; s++)
    {
        for (slong k = 0; k < n; k++)
        {
            region_inner_point(x, region + k);
            fmpq_sub(width, region[k].upper, region[k].lower);
            fmpq_div_2exp(width, width, 2);
            if (s > 0 && k < 6)
                ((s - 1) >> k & 1 ? fmpq_add : fmpq_sub)(x, x, width);
            arb_set_fmpq(point + k, x, SEARCH_PRECISION);
            if (!region_is_point(region + k))
                mag_zero(arb_radref(point + k));
        }
        descent_local(descent, point);
    }
    _arb_vec_clear(point, n);
    fmpq_clear(x);
    fmpq_clear(width);
}

/* Where the case says where the minimum is, that one is meant. */
static int
descend_from_claim(descent_t descent, const hessian_t hessian, const block_struct * block)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    arb_ptr point;
    int found = problem->claimed_at != NULL;

    if (!found)
        return 0;
    point = _arb_vec_init(block->variables);
    for (slong k = 0; k < block->variables && found; k++)
    {
        caustic_tape * tape = caustic_tape_new(problem->pool, problem->claimed_at + block->variable[k], 1, NULL, 0);

        found = tape != NULL;
        if (found)
            caustic_tape_evaluate_arb(point + k, tape, NULL, SEARCH_PRECISION);
        caustic_tape_free(tape);
        found = found && arb_is_finite(point + k);
        if (!region_is_point(descent->region + k))
            mag_zero(arb_radref(point + k));
    }
    found = found && descent_local(descent, point);
    _arb_vec_clear(point, block->variables);
    return found;
}

/* The search needs finite ends; a local minimum may be looked for anywhere. */
void
flat_make_finite(region_struct * region)
{
    fmpq_t x, reach;

    fmpq_init(x);
    fmpq_init(reach);
    fmpq_set_si(reach, 8, 1);
    region_inner_point(x, region);
    if (region->lower_infinite)
        fmpq_sub(region->lower, x, reach);
    if (region->upper_infinite)
        fmpq_add(region->upper, x, reach);
    region->lower_infinite = region->upper_infinite = 0;
    fmpq_clear(x);
    fmpq_clear(reach);
}

/* The deepest well inside the region; -1: none is negative. */
slong
flat_deepest_well(const descent_t descent)
{
    slong best = -1;

    for (slong i = 0; i < descent->wells_length; i++)
    {
        const well_struct * well = descent->wells + i;
        int inner = well->included == 1;

        for (slong k = 0; k < descent->pencil->variables; k++)
            inner = inner && (well->zone.face[k] == 0 || region_is_point(descent->region + k));
        if (inner && !well->twin && arb_is_negative(well->value)
            && (best < 0 || arf_cmp(arb_midref(well->value), arb_midref(descent->wells[best].value)) < 0))
            best = i;
    }
    return best;
}

static int
solve_local(caustic_shock_result_t result, flat_t flat)
{
    hessian_struct * hessian = flat->hessian;
    slong which = -1, deepest = -1, blocks;

    if (!hessian_prepare(hessian, 0))
        return 0;
    if (hessian->general)
        return never_solve(result, flat);
    if (hessian->curvature != NULL)
        return curved_solve_local(result, flat);
    blocks = hessian->blocks;
    flat_make_room(flat);
    for (slong i = 0; i < blocks; i++)
    {
        slong well;

        flat_start(flat, i);
        flat->descents[i].symmetric = NULL;
        for (slong k = 0; k < hessian->block[i].variables; k++)
            flat_make_finite(flat->regions[i] + k);
        if (!descend_from_claim(flat->descents + i, hessian, hessian->block + i))
            descend_from_everywhere(flat->descents + i, flat->regions[i]);
        well = flat_deepest_well(flat->descents + i);
        if (well >= 0 && (which < 0 || arf_cmp(arb_midref(flat->descents[i].wells[well].value),
                arb_midref(flat->descents[which].wells[deepest].value)) < 0))
        {
            which = i;
            deepest = well;
        }
    }
    if (which < 0)
    {
        caustic_text_append(hessian->detail, "no isolated minimum of the focal time with a simple eigenvalue was found inside the box");
        return 0;
    }
    /* this well alone */
    for (slong i = 0; i < blocks; i++)
        descent_keep(flat->descents + i, i == which ? deepest : -1);
    for (flat->precision = flat->goal + SEARCH_PRECISION; flat->precision <= hessian->problem->precision_limit; flat->precision *= 2)
    {
        descent_refine(flat->descents + which, flat->precision);
        flat_collect(flat);
        flat_set_time(result, flat);
        if (time_is_sharp(result->time, hessian->problem->digits))
            break;
    }
    if (!time_is_sharp(result->time, hessian->problem->digits))
    {
        caustic_text_append(hessian->detail, "the digits were not reached within the precision limit");
        return 0;
    }
    flat->resolved = 1;
    result->verdict = CAUSTIC_PROVED;
    result->shock = result->attained = 1;
    result->minimisers = block_fills_region(hessian, hessian->block + which) ? 1 : -1;
    if (result->minimisers == 1)
        set_place(result, flat, which);
    caustic_text_append(hessian->detail, "a local minimum of the focal time: around it the smallest eigenvalue of the Hessian is simple and"
        " strictly convex; nothing is said about other places");
    return 1;
}

/* Coordinates in which jets of characteristics take seconds. */
#define MOST_FOR_ANOTHER_TRY 3

void
caustic_shock_flat_local(caustic_shock_result_t result, const caustic_shock_flat_problem * problem)
{
    flat_t flat;

    result_make_room(result, problem->dimension);
    flat_init(flat, problem);
    if (problem->digits < 1)
        caustic_text_append(flat->hessian->detail, "at least one digit must be asked for");
    else if (!solve_local(result, flat))
    {
        arb_indeterminate(result->time);
        arf_zero(flat->ceiling);
    }
    result->precision = flat->precision;
    result->general = flat->hessian->general || (flat->hessian->curvature != NULL && result->verdict != CAUSTIC_PROVED
        && problem->dimension <= MOST_FOR_ANOTHER_TRY);
    decide_claims(result, flat);
    flint_free(result->detail);
    result->detail = caustic_text_take(flat->hessian->detail);
    flat_clear(flat);
}
