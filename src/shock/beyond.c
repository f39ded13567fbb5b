/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Infinite boxes: beyond a cut the largest coordinate is x, and the others are multiples of it or lie in intervals. There
    the entries of P - mu G are growth sums in x [SHOCK-16], and the matrix is positive if, with the rows divided by the square
    roots of the diagonal's first monomials, its balls have a Cholesky factor [HESSIAN-11].
*/

#include <string.h>
#include "beyond.h"

/* Where x starts: log x > 1 there. */
#define START 8
/* Cells of multiples and intervals that are looked at. */
#define CELLS_LIMIT 400

/* Periods ************************************************************************************/

/* All entries of the block, those of the metric after those of the form. */
static slong
list_entries(caustic_expr * entries, const hessian_t hessian, const block_struct * block)
{
    slong d = hessian->problem->dimension, length = 0;

    for (int which = 0; which < 2; which++)
        for (slong i = 0; i < block->size; i++)
            for (slong j = i; j < block->size && (which == 0 || hessian->metric != NULL); j++)
                entries[length++] = (which == 0 ? hessian->form : hessian->metric)[block->row[i] * d + block->row[j]];
    return length;
}

static int
take_period(region_struct * region, const hessian_t hessian, caustic_expr z, const caustic_expr * entries, slong length)
{
    caustic_shock_problem line;
    work_struct work;
    caustic_expr period;
    fmpq_t turn;
    int periodic;

    memset(&line, 0, sizeof(line));
    memset(&work, 0, sizeof(work));
    line.pool = hessian->problem->pool;
    line.z = z;
    work.problem = &line;
    work.region = *region; /* shallow */
    fmpq_init(work.core_lower);
    fmpq_init(work.core_upper);
    fmpq_init(work.core_width);
    fmpq_init(turn);
    periodic = period_find(&period, turn, &work, entries, length);
    if (periodic)
    {
        period_set_core(&work, turn);
        fmpq_set(region->lower, work.core_lower);
        fmpq_set(region->upper, work.core_upper);
        region->lower_infinite = region->upper_infinite = 0;
        region->lower_included = region->upper_included = 1;
    }
    fmpq_clear(work.core_lower);
    fmpq_clear(work.core_upper);
    fmpq_clear(work.core_width);
    fmpq_clear(turn);
    return periodic;
}

slong
beyond_take_periods(region_struct * core, const hessian_t hessian, const block_struct * block)
{
    caustic_expr * entries = flint_malloc((size_t) (block->size * (block->size + 1)) * sizeof(caustic_expr));
    slong length = list_entries(entries, hessian, block), taken = 0;

    for (slong k = 0; k < block->variables && !block->constant; k++)
        if (!region_is_finite(core + k))
            taken += take_period(core + k, hessian, hessian->problem->z[block->variable[k]], entries, length);
    flint_free(entries);
    return taken;
}

int
beyond_cut(region_struct * core, fmpq_t cut, slong variables, slong bits)
{
    fmpq_t size;
    int infinite = 0;

    fmpq_init(size);
    fmpq_set_si(cut, 1, 1);
    for (slong k = 0; k < variables; k++)
        if (!region_is_finite(core + k))
        {
            infinite = 1;
            for (int side = 0; side < 2; side++)
                if (!(side == 0 ? core[k].lower_infinite : core[k].upper_infinite))
                {
                    fmpq_abs(size, side == 0 ? core[k].lower : core[k].upper);
                    fmpq_add_ui(size, size, 1);
                    if (fmpq_cmp(size, cut) > 0)
                        fmpq_set(cut, size);
                }
        }
    fmpq_mul_2exp(cut, cut, (ulong) bits);
    for (slong k = 0; k < variables; k++)
    {
        if (core[k].lower_infinite)
            fmpq_neg(core[k].lower, cut);
        if (core[k].upper_infinite)
            fmpq_set(core[k].upper, cut);
        core[k].lower_included |= core[k].lower_infinite;
        core[k].upper_included |= core[k].upper_infinite;
        core[k].lower_infinite = core[k].upper_infinite = 0;
    }
    fmpq_clear(size);
    return infinite;
}

/* Cells **************************************************************************************/

/* z_k = side (cut/START) x with x >= START; other infinite variables are multiples of |z_k| with factors in `range`, finite
   ones lie there. */
typedef struct
{
    const hessian_struct * hessian;
    const block_struct * block;
    const region_struct * region;
    slong k;
    int side;
    fmpq_t scale;          /* cut/START */
    fmpq_t mu;
    growth_domain domain;
    caustic_expr * symbol; /* n */
    caustic_expr * root;   /* the terms of the form's diagonal, then all entries */
    slong * row;           /* of the term */
    slong terms, roots;
    slong left;            /* cells */
}
outside_struct;

static int
is_nonnegative_by_form(const caustic_pool * pool, caustic_expr e)
{
    const fmpq * q;
    int nonnegative = 1;

    switch (caustic_expr_op(pool, e))
    {
        case CAUSTIC_OP_NUMBER:
            return fmpq_sgn(caustic_expr_fmpq(pool, e)) >= 0;
        case CAUSTIC_OP_EXP: case CAUSTIC_OP_COSH: case CAUSTIC_OP_SIGMOID: case CAUSTIC_OP_SOFTPLUS:
            return 1;
        case CAUSTIC_OP_POWER:
            q = caustic_expr_fmpq(pool, e);
            return (fmpz_is_one(fmpq_denref(q)) && fmpz_is_even(fmpq_numref(q)))
                || is_nonnegative_by_form(pool, caustic_expr_child(pool, e, 0));
        case CAUSTIC_OP_SUM: case CAUSTIC_OP_PRODUCT:
            for (slong i = 0; i < caustic_expr_arity(pool, e) && nonnegative; i++)
                nonnegative = is_nonnegative_by_form(pool, caustic_expr_child(pool, e, i));
            return nonnegative;
        default:
            return 0;
    }
}

/* The growth sums of the variables on the cell. */
static void
set_variables(growth_struct * at, const outside_struct * outside, arb_srcptr range)
{
    growth_t x;

    growth_init(x);
    growth_set_power(x, 1, 1);
    fmpq_set(x->terms->rational, outside->scale);
    for (slong j = 0; j < outside->block->variables; j++)
    {
        if (j == outside->k)
        {
            growth_zero(at + j);
            (outside->side > 0 ? growth_add : growth_sub)(at + j, at + j, x, &outside->domain);
            continue;
        }
        growth_set_range(at + j, range + j);
        if (!region_is_finite(outside->region + j))
            growth_mul(at + j, at + j, x, &outside->domain);
    }
    growth_clear(x);
}

/* The diagonal entry from below: terms that are squares by their form and may vanish relative to their size are left out. */
static void
set_diagonal(growth_t entry, const outside_struct * outside, const growth_struct * value, slong i)
{
    const caustic_pool * pool = outside->domain.pool;
    arb_t c;

    arb_init(c);
    growth_zero(entry);
    for (slong t = 0; t < outside->terms; t++)
    {
        int vanishing;

        if (outside->row[t] != i)
            continue;
        vanishing = !growth_leading(c, value + t, &outside->domain) || arb_contains_zero(c);
        if (!vanishing || !is_nonnegative_by_form(pool, outside->root[t]))
            growth_add(entry, entry, value + t, &outside->domain);
    }
    arb_clear(c);
}

/* entry := entry - mu g */
static void
subtract_unit(growth_t entry, const outside_struct * outside, const growth_struct * g)
{
    growth_t multiple;

    growth_init(multiple);
    growth_set_fmpq(multiple, outside->mu);
    if (g != NULL)
        growth_mul(multiple, multiple, g, &outside->domain);
    growth_sub(entry, entry, multiple, &outside->domain);
    growth_clear(multiple);
}

/* The values of the entry divided by the square roots of two monomials; 0: not known. */
static int
scaled_range(arb_t range, const growth_t entry, const growth_term * a, const growth_term * b, const growth_domain * domain)
{
    growth_t monomial;
    fmpq * exponent;
    int known;

    growth_init(monomial);
    growth_set_power(monomial, 1, 0);
    for (slong q = 0; q < GROWTH_EXPONENTS; q++)
    {
        exponent = monomial->terms->exponent[q];
        fmpq_add(exponent, a->exponent[q], b->exponent[q]);
        fmpq_div_2exp(exponent, exponent, 1);
        fmpq_neg(exponent, exponent);
    }
    growth_mul(monomial, monomial, entry, domain);
    known = growth_range(range, monomial, domain);
    growth_clear(monomial);
    return known;
}

static int
cell_exceeds(outside_struct * outside, arb_srcptr range)
{
    const growth_domain * domain = &outside->domain;
    slong n = outside->block->variables, m = outside->block->size, half = m * (m + 1) / 2;
    growth_struct * at = flint_malloc((size_t) (n + outside->roots + m) * sizeof(growth_struct));
    growth_struct * value = at + n, * diagonal = value + outside->roots, * entry = value + outside->terms;
    const growth_struct * g = outside->hessian->metric == NULL ? NULL : entry + half;
    arb_mat_t s;
    int above = 1;

    for (slong i = 0; i < n + outside->roots + m; i++)
        growth_init(at + i);
    arb_mat_init(s, m, m);
    set_variables(at, outside, range);
    growth_enclose(value, outside->root, outside->roots, outside->symbol, at, n, domain);
    for (slong i = 0, e = 0; i < m && above; e += m - i, i++)
    {
        set_diagonal(diagonal + i, outside, value, i);
        subtract_unit(diagonal + i, outside, g == NULL ? NULL : g + e);
        above = growth_sign(diagonal + i, domain) > 0
            && scaled_range(arb_mat_entry(s, i, i), diagonal + i, diagonal[i].terms, diagonal[i].terms, domain);
    }
    for (slong i = 0, e = 0; i < m && above; i++)
        for (slong j = i; j < m && above; j++, e++)
        {
            if (i == j)
                continue;
            if (g != NULL)
                subtract_unit(entry + e, outside, g + e);
            above = scaled_range(arb_mat_entry(s, i, j), entry + e, diagonal[i].terms, diagonal[j].terms, domain);
            arb_set(arb_mat_entry(s, j, i), arb_mat_entry(s, i, j));
        }
    above = above && arb_mat_cho(s, s, SEARCH_PRECISION);
    arb_mat_clear(s);
    for (slong i = 0; i < n + outside->roots + m; i++)
        growth_clear(at + i);
    flint_free(at);
    return above;
}

/* The cell, or both its halves, across the interval that is widest for its size at first. */
static int
cell_or_halves(outside_struct * outside, arb_ptr range, const slong * level, slong n)
{
    arb_ptr other;
    slong * deeper, widest = -1;
    arf_t a, b, middle;
    int above;

    if (cell_exceeds(outside, range))
        return 1;
    for (slong j = 0; j < n; j++)
        if (!arb_is_exact(range + j) && (widest < 0 || level[j] < level[widest]))
            widest = j;
    if (widest < 0 || level[widest] > 8 || (outside->left -= 2) < 0)
        return 0;
    other = _arb_vec_init(n);
    deeper = flint_malloc((size_t) n * sizeof(slong));
    arf_init(a);
    arf_init(b);
    arf_init(middle);
    _arb_vec_set(other, range, n);
    for (slong j = 0; j < n; j++)
        deeper[j] = level[j] + (j == widest);
    arb_get_interval_arf(a, b, range + widest, 2 * SEARCH_PRECISION);
    arf_add(middle, a, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(middle, middle, -1);
    arb_set_interval_arf(range + widest, a, middle, 2 * SEARCH_PRECISION);
    arb_set_interval_arf(other + widest, middle, b, 2 * SEARCH_PRECISION);
    above = cell_or_halves(outside, range, deeper, n) && cell_or_halves(outside, other, deeper, n);
    _arb_vec_clear(other, n);
    flint_free(deeper);
    arf_clear(a);
    arf_clear(b);
    arf_clear(middle);
    return above;
}

/* Pieces *************************************************************************************/

/* Multiples in [-1, 1], or as far as a finite end lets them; intervals of finite variables. */
static void
set_ranges(arb_ptr range, const outside_struct * outside, const fmpq_t cut)
{
    arf_t end[2];
    fmpq_t x;

    arf_init(end[0]);
    arf_init(end[1]);
    fmpq_init(x);
    for (slong j = 0; j < outside->block->variables; j++)
    {
        const region_struct * region = outside->region + j;
        int finite = region_is_finite(region);

        for (int side = 0; side < 2; side++)
        {
            if (side == 0 ? region->lower_infinite : region->upper_infinite)
                fmpq_set_si(x, side == 0 ? -1 : 1, 1);
            else
            {
                fmpq_set(x, side == 0 ? region->lower : region->upper);
                if (!finite)
                    fmpq_div(x, x, cut);
                /* from 0 on: the multiple of a growing number has no other bound */
                if (!finite && fmpq_sgn(x) == (side == 0 ? 1 : -1))
                    fmpq_zero(x);
            }
            arf_set_fmpq(end[side], x, 2 * SEARCH_PRECISION, side == 0 ? ARF_RND_FLOOR : ARF_RND_CEIL);
        }
        arb_set_interval_arf(range + j, end[0], end[1], 2 * SEARCH_PRECISION);
        if (j == outside->k)
            arb_zero(range + j);
    }
    arf_clear(end[0]);
    arf_clear(end[1]);
    fmpq_clear(x);
}

static void
set_roots(outside_struct * outside)
{
    const hessian_struct * hessian = outside->hessian;
    const caustic_pool * pool = hessian->problem->pool;
    const block_struct * block = outside->block;
    slong d = hessian->problem->dimension, m = block->size, room = m * (m + 1);

    for (slong i = 0; i < m; i++)
    {
        caustic_expr e = hessian->form[block->row[i] * (d + 1)];

        room += caustic_expr_op(pool, e) == CAUSTIC_OP_SUM ? caustic_expr_arity(pool, e) : 1;
    }
    outside->root = flint_malloc((size_t) room * sizeof(caustic_expr));
    outside->row = flint_malloc((size_t) room * sizeof(slong));
    outside->terms = 0;
    for (slong i = 0; i < m; i++)
    {
        caustic_expr e = hessian->form[block->row[i] * (d + 1)];
        slong length = caustic_expr_op(pool, e) == CAUSTIC_OP_SUM ? caustic_expr_arity(pool, e) : 1;

        for (slong t = 0; t < length; t++)
        {
            outside->row[outside->terms] = i;
            outside->root[outside->terms++] = caustic_expr_op(pool, e) == CAUSTIC_OP_SUM ? caustic_expr_child(pool, e, t) : e;
        }
    }
    outside->roots = outside->terms + list_entries(outside->root + outside->terms, hessian, block);
}

int
beyond_exceeds(const hessian_t hessian, const block_struct * block, const region_struct * region, const fmpq_t cut, const arf_t mu)
{
    slong n = block->variables;
    outside_struct outside;
    arb_ptr range = _arb_vec_init(n);
    slong * level = flint_calloc((size_t) n, sizeof(slong));
    int above = arf_cmpabs_2exp_si(mu, 4096) < 0 && (arf_is_zero(mu) || arf_cmpabs_2exp_si(mu, -4096) > 0);

    memset(&outside, 0, sizeof(outside));
    outside.hessian = hessian;
    outside.block = block;
    outside.region = region;
    outside.left = CELLS_LIMIT;
    outside.symbol = flint_malloc((size_t) n * sizeof(caustic_expr));
    for (slong j = 0; j < n; j++)
        outside.symbol[j] = hessian->problem->z[block->variable[j]];
    set_roots(&outside);
    fmpq_init(outside.scale);
    fmpq_init(outside.mu);
    fmpq_init(outside.domain.from);
    fmpq_div_2exp(outside.scale, cut, 3);
    fmpq_set_si(outside.domain.from, START, 1);
    outside.domain.prec = 2 * SEARCH_PRECISION;
    outside.domain.pool = hessian->problem->pool;
    outside.domain.symbol = outside.symbol[0];
    if (above)
        arf_get_fmpq(outside.mu, mu);
    for (slong k = 0; k < n && above; k++)
        for (int side = -1; side <= 1 && above; side += 2)
        {
            if (!(side < 0 ? region[k].lower_infinite : region[k].upper_infinite))
                continue;
            outside.k = k;
            outside.side = side;
            set_ranges(range, &outside, cut);
            above = cell_or_halves(&outside, range, level, n);
        }
    fmpq_clear(outside.scale);
    fmpq_clear(outside.mu);
    fmpq_clear(outside.domain.from);
    flint_free(outside.symbol);
    flint_free(outside.root);
    flint_free(outside.row);
    flint_free(level);
    _arb_vec_clear(range, n);
    return above;
}
