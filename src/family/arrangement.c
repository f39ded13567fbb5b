/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <flint/fmpq_vec.h>
#include <flint/fmpz_mpoly_factor.h>
#include <flint/fmpz_mpoly_q.h>
#include "base/polynomial.h"
#include "family/arrangement.h"

#define VARIABLE_Z 0
#define VARIABLE_Y 1
#define ROOTS 4           /* different roots in one expression */
#define DEGREE_LIMIT 60   /* in one variable, of what is eliminated from */
#define TERMS_LIMIT 3000
#define CRITICAL_DEGREE 400
#define ROOT_PRECISION 8192

/* Curves *************************************************************************************/

void
curves_init(curves_struct * curves)
{
    memset(curves, 0, sizeof(curves_struct));
    fmpz_mpoly_ctx_init(curves->ctx, 2 + ROOTS, ORD_LEX);
}

void
curves_clear(curves_struct * curves)
{
    for (slong i = 0; i < curves->length; i++)
        fmpz_mpoly_clear(curves->factor + i, curves->ctx);
    flint_free(curves->factor);
    fmpz_mpoly_ctx_clear(curves->ctx);
}

static void
add_factor(curves_struct * curves, const fmpz_mpoly_t f)
{
    for (slong i = 0; i < curves->length; i++)
        if (fmpz_mpoly_equal(curves->factor + i, f, curves->ctx))
            return;
    if (curves->length == curves->capacity)
    {
        curves->capacity = 2 * curves->capacity + 8;
        curves->factor = flint_realloc(curves->factor, (size_t) curves->capacity * sizeof(fmpz_mpoly_struct));
    }
    fmpz_mpoly_init(curves->factor + curves->length, curves->ctx);
    fmpz_mpoly_set(curves->factor + curves->length++, f, curves->ctx);
}

static int
is_small(const fmpz_mpoly_t f, const fmpz_mpoly_ctx_t ctx)
{
    if (!fmpz_mpoly_degrees_fit_si(f, ctx))
        return 0;
    for (slong v = 0; v < 2 + ROOTS; v++)
        if (fmpz_mpoly_degree_si(f, v, ctx) > DEGREE_LIMIT)
            return 0;
    return fmpz_mpoly_length(f, ctx) <= TERMS_LIMIT;
}

static int
add_factors(curves_struct * curves, const fmpz_mpoly_t f)
{
    fmpz_mpoly_factor_t factors;
    int done;

    if (fmpz_mpoly_is_zero(f, curves->ctx) || !is_small(f, curves->ctx))
        return 0;
    fmpz_mpoly_factor_init(factors, curves->ctx);
    done = fmpz_mpoly_factor(factors, f, curves->ctx);
    for (slong i = 0; done && i < factors->num; i++)
    {
        fmpz_mpoly_struct * p = factors->poly + i;

        if (fmpz_sgn(fmpz_mpoly_term_coeff_ref(p, 0, curves->ctx)) < 0)
            fmpz_mpoly_neg(p, p, curves->ctx);
        add_factor(curves, p);
    }
    fmpz_mpoly_factor_clear(factors, curves->ctx);
    return done;
}

/* Algebraic expressions **********************************************************************/

/* w^index = value, one a variable from 2 on; value is that of base, or where base is |x|, and w is |x| itself, of x^2 */
typedef struct
{
    caustic_expr base;
    ulong index;
    int absolute;
    fmpz_mpoly_q_t value;
}
root_struct;

typedef struct
{
    curves_struct * curves;
    const caustic_pool * pool;
    caustic_expr z;
    caustic_expr y;
    fmpz_mpoly_q_struct * value; /* of each expression up to the root */
    char * known;
    root_struct root[ROOTS];
    slong roots;
}
algebra_struct;

static int
power_ui(fmpz_mpoly_q_t res, const fmpz_mpoly_q_t x, ulong n, const fmpz_mpoly_ctx_t ctx)
{
    return n <= DEGREE_LIMIT && fmpz_mpoly_pow_ui(fmpz_mpoly_q_numref(res), fmpz_mpoly_q_numref(x), n, ctx)
        && fmpz_mpoly_pow_ui(fmpz_mpoly_q_denref(res), fmpz_mpoly_q_denref(x), n, ctx);
}

/* The variable w with w^index = value, one for each base (sqrt(|x|) and |x| are different ones); -1 where there is no room. */
static slong
root_variable(algebra_struct * algebra, caustic_expr base, ulong index, int absolute, const fmpz_mpoly_q_t value)
{
    const fmpz_mpoly_ctx_struct * ctx = algebra->curves->ctx;
    slong i;

    for (i = 0; i < algebra->roots; i++)
        if (algebra->root[i].base == base && algebra->root[i].index == index && algebra->root[i].absolute == absolute)
            return 2 + i;
    if (i == ROOTS)
        return -1;
    algebra->root[i].base = base;
    algebra->root[i].index = index;
    algebra->root[i].absolute = absolute;
    fmpz_mpoly_q_init(algebra->root[i].value, ctx);
    fmpz_mpoly_q_set(algebra->root[i].value, value, ctx);
    algebra->roots++;
    return 2 + i;
}

/* |x| = w with w^2 = x^2 */
static int
set_absolute(fmpz_mpoly_q_t res, algebra_struct * algebra, caustic_expr e)
{
    const fmpz_mpoly_ctx_struct * ctx = algebra->curves->ctx;
    const fmpz_mpoly_q_struct * x = algebra->value + caustic_expr_child(algebra->pool, e, 0);
    fmpz_mpoly_q_t square;
    slong variable;

    fmpz_mpoly_q_init(square, ctx);
    fmpz_mpoly_q_mul(square, x, x, ctx);
    variable = root_variable(algebra, e, 2, 1, square);
    if (variable >= 0)
        fmpz_mpoly_q_gen(res, variable, ctx);
    fmpz_mpoly_q_clear(square, ctx);
    return variable >= 0;
}

/* base^(p/q) = w^p with w^q = base, w >= 0 */
static int
set_power(fmpz_mpoly_q_t res, algebra_struct * algebra, caustic_expr e)
{
    const fmpz_mpoly_ctx_struct * ctx = algebra->curves->ctx;
    const fmpq * exponent = caustic_expr_fmpq(algebra->pool, e);
    caustic_expr base = caustic_expr_child(algebra->pool, e, 0);
    fmpz_mpoly_q_t w;
    fmpz_t p;
    slong variable;
    int done;

    if (!fmpz_abs_fits_ui(fmpq_numref(exponent)) || fmpz_cmp_ui(fmpq_denref(exponent), 8) > 0)
        return 0;
    fmpz_mpoly_q_init(w, ctx);
    fmpz_init(p);
    fmpz_abs(p, fmpq_numref(exponent));
    done = 1;
    if (fmpz_is_one(fmpq_denref(exponent)))
        fmpz_mpoly_q_set(w, algebra->value + base, ctx);
    else
    {
        variable = root_variable(algebra, base, fmpz_get_ui(fmpq_denref(exponent)), 0, algebra->value + base);
        done = variable >= 0;
        if (done)
            fmpz_mpoly_q_gen(w, variable, ctx);
    }
    done = done && power_ui(res, w, fmpz_get_ui(p), ctx);
    if (done && fmpz_sgn(fmpq_numref(exponent)) < 0)
    {
        done = !fmpz_mpoly_q_is_zero(res, ctx);
        if (done)
            fmpz_mpoly_q_inv(res, res, ctx);
    }
    fmpz_mpoly_q_clear(w, ctx);
    fmpz_clear(p);
    return done;
}

static int
set_value(fmpz_mpoly_q_t res, algebra_struct * algebra, caustic_expr e)
{
    const caustic_pool * pool = algebra->pool;
    const fmpz_mpoly_ctx_struct * ctx = algebra->curves->ctx;
    slong i, length;
    int small = 1;

    switch (caustic_expr_op(pool, e))
    {
        case CAUSTIC_OP_NUMBER:
            fmpz_mpoly_q_set_fmpq(res, caustic_expr_fmpq(pool, e), ctx);
            return 1;
        case CAUSTIC_OP_SYMBOL:
            if (e != algebra->z && e != algebra->y)
                return 0;
            fmpz_mpoly_q_gen(res, e == algebra->z ? VARIABLE_Z : VARIABLE_Y, ctx);
            return 1;
        case CAUSTIC_OP_SUM:
        case CAUSTIC_OP_PRODUCT:
            length = caustic_expr_arity(pool, e);
            fmpz_mpoly_q_set(res, algebra->value + caustic_expr_child(pool, e, 0), ctx);
            for (i = 1; i < length && small; i++)
            {
                const fmpz_mpoly_q_struct * x = algebra->value + caustic_expr_child(pool, e, i);

                if (caustic_expr_op(pool, e) == CAUSTIC_OP_SUM)
                    fmpz_mpoly_q_add(res, res, x, ctx);
                else
                    fmpz_mpoly_q_mul(res, res, x, ctx);
                small = is_small(fmpz_mpoly_q_numref(res), ctx) && is_small(fmpz_mpoly_q_denref(res), ctx);
            }
            return small;
        case CAUSTIC_OP_POWER:
            return set_power(res, algebra, e);
        case CAUSTIC_OP_ABS:
            return set_absolute(res, algebra, e);
        default:
            return 0;
    }
}

/* Marks what e needs; children have smaller handles. */
static void
mark_needed(char * needed, const caustic_pool * pool, caustic_expr e)
{
    needed[e] = 1;
    for (caustic_expr i = e; i > 0; i--)
        if (needed[i])
            for (slong k = 0; k < caustic_expr_arity(pool, i); k++)
                needed[caustic_expr_child(pool, i, k)] = 1;
}

static int
set_algebra(algebra_struct * algebra, caustic_expr e)
{
    char * needed = flint_calloc((size_t) e + 1, 1);
    int done = 1;

    mark_needed(needed, algebra->pool, e);
    for (caustic_expr i = 1; i <= e && done; i++)
        if (needed[i])
        {
            fmpz_mpoly_q_init(algebra->value + i, algebra->curves->ctx);
            algebra->known[i] = 1;
            done = set_value(algebra->value + i, algebra, i);
        }
    flint_free(needed);
    return done;
}

/* Takes the roots out, the last one first: it stands in no other's radicand. [FAMILY-3] */
static int
add_norm(algebra_struct * algebra, const fmpz_mpoly_t f)
{
    const fmpz_mpoly_ctx_struct * ctx = algebra->curves->ctx;
    fmpz_mpoly_t norm, relation, w;
    int done = 1;

    fmpz_mpoly_init(norm, ctx);
    fmpz_mpoly_init(relation, ctx);
    fmpz_mpoly_init(w, ctx);
    fmpz_mpoly_set(norm, f, ctx);
    for (slong i = algebra->roots - 1; i >= 0 && done; i--)
    {
        const root_struct * root = algebra->root + i;

        if (fmpz_mpoly_degree_si(norm, 2 + i, ctx) <= 0)
            continue;
        fmpz_mpoly_gen(w, 2 + i, ctx);
        done = fmpz_mpoly_pow_ui(w, w, root->index, ctx);
        fmpz_mpoly_mul(w, w, fmpz_mpoly_q_denref(root->value), ctx);
        fmpz_mpoly_sub(relation, w, fmpz_mpoly_q_numref(root->value), ctx);
        done = done && is_small(norm, ctx) && fmpz_mpoly_resultant(norm, norm, relation, 2 + i, ctx)
            && !fmpz_mpoly_is_zero(norm, ctx);
    }
    done = done && add_factors(algebra->curves, norm);
    fmpz_mpoly_clear(norm, ctx);
    fmpz_mpoly_clear(relation, ctx);
    fmpz_mpoly_clear(w, ctx);
    return done;
}

/* Where a radicand or a divisor is 0, or has a pole, also where it cancels: between these curves e is defined and continuous,
   or nowhere defined. [FAMILY-4] */
static int
add_breaks(algebra_struct * algebra, caustic_expr e)
{
    const caustic_pool * pool = algebra->pool;
    int done = 1;

    for (caustic_expr i = 1; i <= e && done; i++)
        if (algebra->known[i] && caustic_expr_op(pool, i) == CAUSTIC_OP_POWER
            && (fmpq_sgn(caustic_expr_fmpq(pool, i)) < 0 || !fmpz_is_one(fmpq_denref(caustic_expr_fmpq(pool, i)))))
        {
            const fmpz_mpoly_q_struct * base = algebra->value + caustic_expr_child(pool, i, 0);

            done = add_norm(algebra, fmpz_mpoly_q_numref(base)) && add_norm(algebra, fmpz_mpoly_q_denref(base));
        }
    return done;
}

static int
add_curves(curves_struct * curves, int * rational, const caustic_pool * pool, caustic_expr e, caustic_expr z, caustic_expr y, int breaks)
{
    algebra_struct algebra;
    int done;

    memset(&algebra, 0, sizeof(algebra));
    algebra.curves = curves;
    algebra.pool = pool;
    algebra.z = z;
    algebra.y = y;
    algebra.value = flint_malloc(((size_t) e + 1) * sizeof(fmpz_mpoly_q_struct));
    algebra.known = flint_calloc((size_t) e + 1, 1);
    done = e != CAUSTIC_NONE && set_algebra(&algebra, e);
    /* what is identically 0 has no curve of zeros */
    if (done && !fmpz_mpoly_q_is_zero(algebra.value + e, curves->ctx))
        done = add_norm(&algebra, fmpz_mpoly_q_numref(algebra.value + e));
    else
        done = 0;
    done = done && add_norm(&algebra, fmpz_mpoly_q_denref(algebra.value + e));
    done = done && (!breaks || add_breaks(&algebra, e));
    *rational = algebra.roots == 0;
    for (slong i = 0; i < algebra.roots; i++)
        fmpz_mpoly_q_clear(algebra.root[i].value, curves->ctx);
    for (caustic_expr i = 1; i <= e; i++)
        if (algebra.known[i])
            fmpz_mpoly_q_clear(algebra.value + i, curves->ctx);
    flint_free(algebra.value);
    flint_free(algebra.known);
    return done;
}

int
curves_add_zeros(curves_struct * curves, int * rational, const caustic_pool * pool, caustic_expr e, caustic_expr z, caustic_expr y)
{
    return add_curves(curves, rational, pool, e, z, y, 0);
}

int
curves_add_breaks(curves_struct * curves, const caustic_pool * pool, caustic_expr e, caustic_expr z, caustic_expr y)
{
    int rational;

    return add_curves(curves, &rational, pool, e, z, y, 1);
}

/* Univariate polynomials *********************************************************************/

/* f with one of its two variables replaced by a number, times a power of the denominator */
static void
specialise(fmpz_poly_t res, const fmpz_mpoly_t f, slong variable, const fmpq_t value, const fmpz_mpoly_ctx_t ctx)
{
    slong degree = FLINT_MAX(fmpz_mpoly_degree_si(f, variable, ctx), 0), length = fmpz_mpoly_length(f, ctx);
    fmpz_t c, power;

    fmpz_init(c);
    fmpz_init(power);
    fmpz_poly_zero(res);
    for (slong i = 0; i < length; i++)
    {
        slong other = fmpz_mpoly_get_term_var_exp_si(f, i, 1 - variable, ctx);
        ulong k = fmpz_mpoly_get_term_var_exp_ui(f, i, variable, ctx);

        fmpz_mpoly_get_term_coeff_fmpz(c, f, i, ctx);
        fmpz_pow_ui(power, fmpq_numref(value), k);
        fmpz_mul(c, c, power);
        fmpz_pow_ui(power, fmpq_denref(value), (ulong) degree - k);
        fmpz_mul(c, c, power);
        fmpz_poly_get_coeff_fmpz(power, res, other);
        fmpz_add(c, c, power);
        fmpz_poly_set_coeff_fmpz(res, other, c);
    }
    fmpz_clear(c);
    fmpz_clear(power);
}

/* p := squarefree part of p q, q not zero */
static void
multiply_squarefree(fmpz_poly_t p, const fmpz_poly_t q)
{
    fmpz_poly_mul(p, p, q);
    polynomial_squarefree_part(p, p);
}

/* Whether the number is certainly inside (1), certainly outside (-1), of the open interval. */
static int
lies_inside(const caustic_interval_t interval, const arb_t x)
{
    caustic_interval_t open;
    truth_t inside;

    caustic_interval_init(open);
    caustic_interval_set(open, interval);
    open->lower_closed = open->upper_closed = 0;
    inside = caustic_interval_contains_arb(open, x);
    caustic_interval_clear(open);
    return inside == T_TRUE ? 1 : inside == T_FALSE ? -1 : 0;
}

/* The roots of a squarefree polynomial inside the open interval; no end is one. */
static int
roots_inside(arb_ptr * roots, slong * length, slong * allocated, const fmpz_poly_t p, const caustic_interval_t interval, slong prec)
{
    for (; prec <= ROOT_PRECISION; prec *= 2)
    {
        slong all = polynomial_real_roots(roots, allocated, p, prec);
        int certain = 1;

        *length = 0;
        for (slong i = 0; i < all; i++)
        {
            int inside = lies_inside(interval, *roots + i);

            certain = certain && inside != 0;
            if (inside == 1)
                arb_swap(*roots + (*length)++, *roots + i);
        }
        if (certain)
            return 1;
        _arb_vec_clear(*roots, *allocated);
        *roots = NULL;
        *allocated = *length = 0;
    }
    return 0;
}

/* Returns how often there was one. */
static slong
remove_ends(fmpz_poly_t p, const caustic_interval_t interval)
{
    slong count = 0;

    if (!interval->lower_infinite)
        count += polynomial_remove_root(p, interval->lower);
    if (!interval->upper_infinite)
        count += polynomial_remove_root(p, interval->upper);
    return count;
}

static void
end_of_ball(fmpq_t end, const arb_t x, int upper)
{
    arf_t a;

    arf_init(a);
    if (upper)
        arb_get_ubound_arf(a, x, arb_bits(x) + 64);
    else
        arb_get_lbound_arf(a, x, arb_bits(x) + 64);
    arf_get_fmpq(end, a);
    arf_clear(a);
}

/* A simple number between two roots, or a root and an end. */
static int
sample_between(fmpq_t sample, arb_srcptr below, arb_srcptr above, const caustic_interval_t interval)
{
    fmpq_t lower, upper, third;
    fmpz_t three;
    int done = 1;

    fmpz_init_set_ui(three, 3);
    fmpq_init(lower);
    fmpq_init(upper);
    fmpq_init(third);
    if (below != NULL)
        end_of_ball(lower, below, 1);
    else if (!interval->lower_infinite)
        fmpq_set(lower, interval->lower);
    if (above != NULL)
        end_of_ball(upper, above, 0);
    else if (!interval->upper_infinite)
        fmpq_set(upper, interval->upper);
    if (below == NULL && interval->lower_infinite && (above != NULL || !interval->upper_infinite))
        fmpq_sub_ui(lower, upper, 2);
    else if (above == NULL && interval->upper_infinite)
        fmpq_add_ui(upper, lower, 2);
    done = fmpq_cmp(lower, upper) < 0;
    if (done)
    {
        fmpq_sub(third, upper, lower);
        fmpq_div_fmpz(third, third, three);
        fmpq_add(lower, lower, third);
        fmpq_sub(upper, upper, third);
        fmpq_simplest_between(sample, lower, upper);
    }
    fmpq_clear(lower);
    fmpq_clear(upper);
    fmpq_clear(third);
    fmpz_clear(three);
    return done;
}

static int
samples_between(fmpq * sample, arb_srcptr roots, slong length, const caustic_interval_t interval)
{
    for (slong i = 0; i <= length; i++)
        if (!sample_between(sample + i, i > 0 ? roots + i - 1 : NULL, i < length ? roots + i : NULL, interval))
            return 0;
    return 1;
}

/* Cells **************************************************************************************/

void
cells_init(cells_struct * cells)
{
    memset(cells, 0, sizeof(cells_struct));
    fmpz_poly_init(cells->critical);
    fmpz_poly_one(cells->critical);
}

void
cells_clear(cells_struct * cells)
{
    fmpz_poly_clear(cells->critical);
    if (cells->root != NULL)
        _arb_vec_clear(cells->root, cells->allocated);
    if (cells->sample != NULL)
        _fmpq_vec_clear(cells->sample, cells->roots + 1);
}

/* A polynomial in y alone whose roots are critical; identically zero says nothing. */
static int
add_critical(cells_struct * cells, const fmpz_mpoly_t f, const fmpz_mpoly_ctx_t ctx)
{
    fmpz_poly_t p;
    int done = 1;

    fmpz_poly_init(p);
    if (!fmpz_mpoly_is_zero(f, ctx))
    {
        done = fmpz_mpoly_get_fmpz_poly(p, f, VARIABLE_Y, ctx)
            && fmpz_poly_degree(p) + fmpz_poly_degree(cells->critical) <= CRITICAL_DEGREE;
        if (done)
            multiply_squarefree(cells->critical, p);
    }
    fmpz_poly_clear(p);
    return done;
}

static int
add_end(cells_struct * cells, const fmpz_mpoly_t f, const fmpq_t end, const fmpz_mpoly_ctx_t ctx)
{
    fmpz_poly_t p;
    int done = 1;

    fmpz_poly_init(p);
    specialise(p, f, VARIABLE_Z, end, ctx);
    /* identically zero: f is z - end, and no graph inside */
    if (!fmpz_poly_is_zero(p))
    {
        done = fmpz_poly_degree(p) + fmpz_poly_degree(cells->critical) <= CRITICAL_DEGREE;
        if (done)
            multiply_squarefree(cells->critical, p);
    }
    fmpz_poly_clear(p);
    return done;
}

static int
add_leading(cells_struct * cells, fmpz_mpoly_t c, const fmpz_mpoly_t f, ulong degree, const fmpz_mpoly_ctx_t ctx)
{
    const slong variable[1] = {VARIABLE_Z};

    fmpz_mpoly_get_coeff_vars_ui(c, f, variable, &degree, 1, ctx);
    return add_critical(cells, c, ctx);
}

/* [FAMILY-4] leading coefficients, discriminants, resultants, crossings of the box's ends */
static int
add_projection(cells_struct * cells, const curves_struct * curves, const caustic_interval_t box)
{
    const fmpz_mpoly_ctx_struct * ctx = curves->ctx;
    fmpz_mpoly_t c;
    int done = 1;

    fmpz_mpoly_init(c, ctx);
    for (slong i = 0; i < curves->length && done; i++)
    {
        const fmpz_mpoly_struct * f = curves->factor + i;
        slong degree = fmpz_mpoly_degree_si(f, VARIABLE_Z, ctx);

        if (degree <= 0)
        {
            done = add_critical(cells, f, ctx);
            continue;
        }
        done = add_leading(cells, c, f, (ulong) degree, ctx);
        if (degree > 1)
            done = done && fmpz_mpoly_discriminant(c, f, VARIABLE_Z, ctx) && add_critical(cells, c, ctx);
        if (!box->lower_infinite)
            done = done && add_end(cells, f, box->lower, ctx);
        if (!box->upper_infinite)
            done = done && add_end(cells, f, box->upper, ctx);
        for (slong j = 0; j < i && done; j++)
            if (fmpz_mpoly_degree_si(curves->factor + j, VARIABLE_Z, ctx) > 0)
                done = fmpz_mpoly_resultant(c, f, curves->factor + j, VARIABLE_Z, ctx) && add_critical(cells, c, ctx);
    }
    fmpz_mpoly_clear(c, ctx);
    return done;
}

int
cells_set(cells_struct * cells, const curves_struct * curves, const caustic_interval_t box, const caustic_interval_t range)
{
    if (!add_projection(cells, curves, box))
        return 0;
    cells->critical_ends = remove_ends(cells->critical, range) > 0;
    if (!roots_inside(&cells->root, &cells->roots, &cells->allocated, cells->critical, range, 128))
        return 0;
    cells->sample = _fmpq_vec_init(cells->roots + 1);
    return samples_between(cells->sample, cells->root, cells->roots, range);
}

/* Fibers *************************************************************************************/

void
fiber_init(fiber_struct * fiber)
{
    memset(fiber, 0, sizeof(fiber_struct));
}

void
fiber_clear(fiber_struct * fiber)
{
    if (fiber->root != NULL)
        _arb_vec_clear(fiber->root, fiber->allocated);
    if (fiber->sample != NULL)
        _fmpq_vec_clear(fiber->sample, fiber->roots + 1);
    fiber_init(fiber);
}

int
fiber_set(fiber_struct * fiber, const curves_struct * curves, const caustic_interval_t box, const fmpq_t y, slong prec)
{
    fmpz_poly_t all, p;
    int done = 1;

    fiber_clear(fiber);
    fmpz_poly_init(all);
    fmpz_poly_init(p);
    fmpz_poly_one(all);
    for (slong i = 0; i < curves->length && done; i++)
    {
        specialise(p, curves->factor + i, VARIABLE_Y, y, curves->ctx);
        done = !fmpz_poly_is_zero(p);
        if (done)
            multiply_squarefree(all, p);
    }
    remove_ends(all, box);
    done = done && roots_inside(&fiber->root, &fiber->roots, &fiber->allocated, all, box, prec);
    if (done)
    {
        fiber->sample = _fmpq_vec_init(fiber->roots + 1);
        done = samples_between(fiber->sample, fiber->root, fiber->roots, box);
    }
    fmpz_poly_clear(all);
    fmpz_poly_clear(p);
    return done;
}
