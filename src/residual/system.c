/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "system.h"

void
derivatives_init(derivatives_t jet, slong dimension)
{
    jet->dimension = dimension;
    arb_init(jet->value);
    arb_init(jet->time);
    jet->first = _arb_vec_init(dimension);
    jet->second = _arb_vec_init(dimension * dimension);
    jet->third = _arb_vec_init(dimension * dimension * dimension);
    jet->time_first = _arb_vec_init(dimension);
}

void
derivatives_clear(derivatives_t jet)
{
    slong d = jet->dimension;

    arb_clear(jet->value);
    arb_clear(jet->time);
    _arb_vec_clear(jet->first, d);
    _arb_vec_clear(jet->second, d * d);
    _arb_vec_clear(jet->third, d * d * d);
    _arb_vec_clear(jet->time_first, d);
}

/* With l = log phi: l_i = phi_i/phi, l_ij = phi_ij/phi - l_i l_j,
   l_ijk = phi_ijk/phi - l_ij l_k - l_ik l_j - l_jk l_i - l_i l_j l_k; the same with t for an index. */
void
entropy_derivatives(derivatives_t u, const derivatives_t phi, const fmpq_t viscosity, slong prec)
{
    slong d = phi->dimension;
    arb_t inverse, term, factor;

    arb_init(inverse);
    arb_init(term);
    arb_init(factor);

    /* The logarithm of a ball that is not positive is not finite, and then neither is anything below. */
    arb_log(u->value, phi->value, prec);
    arb_inv(inverse, phi->value, prec);
    if (!arb_is_finite(u->value))
        arb_indeterminate(inverse);

    arb_mul(u->time, phi->time, inverse, prec);

    for (slong i = 0; i < d; i++)
        arb_mul(u->first + i, phi->first + i, inverse, prec);

    for (slong i = 0; i < d; i++)
    {
        arb_mul(u->time_first + i, phi->time_first + i, inverse, prec);
        arb_submul(u->time_first + i, u->time, u->first + i, prec);

        for (slong j = 0; j < d; j++)
        {
            arb_mul(u->second + i * d + j, phi->second + i * d + j, inverse, prec);
            arb_submul(u->second + i * d + j, u->first + i, u->first + j, prec);
        }
    }

    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            for (slong k = 0; k < d; k++)
            {
                arb_ptr third = u->third + (i * d + j) * d + k;

                arb_mul(third, phi->third + (i * d + j) * d + k, inverse, prec);
                arb_submul(third, u->second + i * d + j, u->first + k, prec);
                arb_submul(third, u->second + i * d + k, u->first + j, prec);
                arb_submul(third, u->second + j * d + k, u->first + i, prec);
                arb_mul(term, u->first + i, u->first + j, prec);
                arb_submul(third, term, u->first + k, prec);
            }

    arb_set_fmpq(factor, viscosity, prec);
    arb_mul_si(factor, factor, -2, prec);
    arb_mul(u->value, u->value, factor, prec);
    arb_mul(u->time, u->time, factor, prec);
    _arb_vec_scalar_mul(u->first, u->first, d, factor, prec);
    _arb_vec_scalar_mul(u->second, u->second, d * d, factor, prec);
    _arb_vec_scalar_mul(u->third, u->third, d * d * d, factor, prec);
    _arb_vec_scalar_mul(u->time_first, u->time_first, d, factor, prec);

    arb_clear(inverse);
    arb_clear(term);
    arb_clear(factor);
}

/* Equations **********************************************************************************/

const alteration_struct unaltered = {"", "1", "1", "1", "1", 0};

const alteration_struct alterations[ALTERATIONS] =
{
    {"viscosity times 1.01", "101/100", "1", "1", "1", 0},
    {"drift dropped", "1", "1", "0", "1", 0},
    {"cometric times 1 + 1e-6", "1", "1000001/1000000", "1", "1", 0},
    {"factor 1/2 dropped", "1", "1", "1", "2", 0},
    {"curvature term dropped", "1", "1", "1", "1", 1}
};

static caustic_expr
number(caustic_pool * pool, const char * text)
{
    fmpq_t value;
    caustic_expr e;

    fmpq_init(value);
    fmpq_set_str(value, text, 10);
    e = caustic_number(pool, value);
    fmpq_clear(value);
    return e;
}

static caustic_expr *
scaled(caustic_pool * pool, const caustic_expr * entries, slong length, const char * factor)
{
    caustic_expr * res = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(caustic_expr));

    for (slong i = 0; i < length; i++)
        res[i] = caustic_mul(pool, number(pool, factor), entries[i]);
    return res;
}

/* left - right, with the terms on the left beside the time derivative multiplied by `half`: the quadratic ones. */
static caustic_expr
residual(caustic_pool * pool, const caustic_equation * equation, caustic_expr time_derivative, const char * half)
{
    caustic_expr quadratic = caustic_mul(pool, number(pool, half), caustic_sub(pool, equation->left, time_derivative));

    return caustic_sub(pool, caustic_add(pool, time_derivative, quadratic), equation->right);
}

/* nu R_kj g^{ji} v_i: what the right hand side gains when the curvature term is dropped. */
static caustic_expr
curvature_term(const caustic_equations_t equations, const caustic_reduction_t reduction, const caustic_expr * ricci, slong k)
{
    caustic_pool * pool = equations->pool;
    slong d = equations->dimension;
    caustic_expr sum = caustic_integer(pool, 0);

    for (slong j = 0; j < d; j++)
        for (slong i = 0; i < d; i++)
            sum = caustic_add(pool, sum, caustic_mul(pool, caustic_mul(pool, ricci[k * d + j],
                reduction->cometric_expr[j * d + i]), caustic_equations_symbol(equations, "v", &i, 1, 0)));
    return caustic_mul(pool, equations->viscosity, sum);
}

/* The symbols of a tape in the order in which system_evaluate fills them. */
static slong
list_symbols(caustic_expr * symbols, const caustic_equations_t equations)
{
    slong d = equations->dimension, n = 0;

    for (slong i = 0; i < d; i++)
        symbols[n++] = equations->coordinate[i];
    symbols[n++] = equations->viscosity;
    symbols[n++] = caustic_equations_symbol(equations, "u", NULL, 0, 1);

    for (slong i = 0; i < d; i++)
    {
        symbols[n++] = caustic_equations_symbol(equations, "u", &i, 1, 0);
        symbols[n++] = caustic_equations_symbol(equations, "v", &i, 1, 0);
        symbols[n++] = caustic_equations_symbol(equations, "v", &i, 1, 1);

        for (slong j = i; j < d; j++)
        {
            slong two[2] = {i, j};

            symbols[n++] = caustic_equations_symbol(equations, "u", two, 2, 0);
            symbols[n++] = caustic_equations_symbol(equations, "v", two, 2, 0);

            for (slong k = j; k < d; k++)
            {
                slong three[3] = {i, j, k};

                symbols[n++] = caustic_equations_symbol(equations, "v", three, 3, 0);
            }
        }
    }

    return n;
}

static slong
count_symbols(slong d)
{
    return d + 2 + 3 * d + d * (d + 1) + d * (d + 1) * (d + 2) / 6;
}

void
system_init(system_t system, const caustic_reduction_t reduction, const caustic_expr * ricci,
    const alteration_struct * alteration)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_pool * pool = setting->pool;
    slong d = setting->coordinates, n;
    caustic_expr * cometric = scaled(pool, reduction->cometric_expr, d * d, alteration->cometric);
    caustic_expr * drift = scaled(pool, reduction->drift_expr, d, alteration->drift);
    caustic_expr * roots = flint_malloc((size_t) (1 + d) * sizeof(caustic_expr));
    caustic_expr * symbols = flint_malloc((size_t) count_symbols(d) * sizeof(caustic_expr));
    caustic_expr viscosity;
    caustic_equations_t equations;

    caustic_equations_init(equations, pool, setting->coordinate, d, cometric, drift, NULL);
    roots[0] = residual(pool, &equations->hamilton_jacobi, caustic_equations_symbol(equations, "u", NULL, 0, 1),
        alteration->half);
    for (slong k = 0; k < d; k++)
    {
        roots[1 + k] = residual(pool, equations->burgers + k, caustic_equations_symbol(equations, "v", &k, 1, 1),
            alteration->half);
        if (alteration->without_curvature)
            roots[1 + k] = caustic_sub(pool, roots[1 + k], curvature_term(equations, reduction, ricci, k));
    }

    viscosity = caustic_mul(pool, number(pool, alteration->viscosity), equations->viscosity);
    for (slong k = 0; k <= d; k++)
        roots[k] = caustic_substitute(pool, roots[k], &equations->viscosity, &viscosity, 1);

    n = list_symbols(symbols, equations);
    system->dimension = d;
    system->tape = caustic_tape_new(pool, roots, 1 + d, symbols, n);

    caustic_equations_clear(equations);
    flint_free(cometric);
    flint_free(drift);
    flint_free(roots);
    flint_free(symbols);
}

void
system_clear(system_t system)
{
    caustic_tape_free(system->tape);
}

void
system_evaluate(arb_ptr res, const system_t system, arb_srcptr z, const fmpq_t viscosity, const derivatives_t u, slong prec)
{
    slong d = system->dimension, length = count_symbols(d), n = 0;
    arb_ptr in = _arb_vec_init(length);

    for (slong i = 0; i < d; i++)
        arb_set(in + n++, z + i);
    arb_set_fmpq(in + n++, viscosity, prec);
    arb_set(in + n++, u->time);

    for (slong i = 0; i < d; i++)
    {
        arb_set(in + n++, u->first + i);
        arb_set(in + n++, u->first + i);
        arb_set(in + n++, u->time_first + i);

        for (slong j = i; j < d; j++)
        {
            arb_set(in + n++, u->second + i * d + j);
            arb_set(in + n++, u->second + i * d + j);

            for (slong k = j; k < d; k++)
                arb_set(in + n++, u->third + (i * d + j) * d + k);
        }
    }

    caustic_tape_evaluate_arb(res, system->tape, in, prec);
    _arb_vec_clear(in, length);
}
