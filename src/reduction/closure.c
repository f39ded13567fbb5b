/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Where there is no section in the field: polynomials in the parameters rewritten as polynomials in the
    invariants, by undetermined coefficients. [REDUCTION-13]
*/

#include <flint/fmpq_vec.h>
#include <flint/fmpz_poly.h>
#include <flint/ulong_extras.h>
#include "reduction_internal.h"

#define CLOSURE_COORDINATES 24 /* there are as many squared functions to close */
#define CLOSURE_MONOMIALS 300
#define CLOSURE_DEGREE 200
#define CLOSURE_SPARE 8 /* points more than coefficients */

/* The lowest and the highest degree of a polynomial, on a line through the origin; 0 if it is none. */
static int
degrees(slong * lowest, slong * highest, caustic_expr f, const caustic_setting_t setting)
{
    slong n = setting->parameters;
    caustic_expr t = caustic_symbol(setting->pool, "t");
    caustic_expr * image = flint_malloc((size_t) FLINT_MAX(n, 1) * sizeof(caustic_expr));
    caustic_interval_t line;
    gr_ctx_t ctx;
    gr_ptr x;
    fmpz_poly_t above, below;
    int polynomial;

    for (slong a = 0; a < n; a++)
        image[a] = caustic_mul(setting->pool, caustic_integer(setting->pool, (slong) n_nth_prime((ulong) a + 2)), t);
    caustic_interval_init(line);
    caustic_field_ctx_init(ctx, setting->pool, &t, line, 1);
    GR_TMP_INIT(x, ctx);
    fmpz_poly_init(above);
    fmpz_poly_init(below);

    f = caustic_substitute(setting->pool, f, setting->parameter, image, n);
    polynomial = f != CAUSTIC_NONE && caustic_field_set_expr(x, f, ctx) == GR_SUCCESS
        && caustic_field_get_fmpz_poly_q(above, below, x, 0, ctx) && fmpz_poly_degree(below) == 0
        && fmpz_poly_degree(above) <= CLOSURE_DEGREE;
    if (polynomial)
    {
        *highest = FLINT_MAX(fmpz_poly_degree(above), 0);
        *lowest = 0;
        while (*lowest < *highest && fmpz_is_zero(above->coeffs + *lowest))
            (*lowest)++;
    }

    fmpz_poly_clear(above);
    fmpz_poly_clear(below);
    GR_TMP_CLEAR(x, ctx);
    gr_ctx_clear(ctx);
    caustic_interval_clear(line);
    flint_free(image);
    return polynomial;
}

/* The exponents of all monomials of weighted degree from least to most, one row each; their number, -1
   where there are too many. */
static slong
monomials(slong * exponents, const slong * weight, slong d, slong least, slong most)
{
    slong * e = flint_calloc((size_t) d, sizeof(slong));
    slong degree = 0, length = 0, i = 0;

    while (i < d && length <= CLOSURE_MONOMIALS)
    {
        if (degree >= least)
        {
            for (slong j = 0; j < d && length < CLOSURE_MONOMIALS; j++)
                exponents[length * d + j] = e[j];
            length++;
        }
        /* count up, with carries where the degree grows too large */
        for (i = 0; i < d; i++)
        {
            e[i]++;
            degree += weight[i];
            if (degree <= most)
                break;
            degree -= e[i] * weight[i];
            e[i] = 0;
        }
    }

    flint_free(e);
    return length > CLOSURE_MONOMIALS ? -1 : length;
}

static ulong
next_random(ulong * state)
{
    *state = *state * UWORD(6364136223846793005) + UWORD(1442695040888963407);
    return *state >> 33;
}

/* One equation: the monomials' values at a point, and f's. The point need not be in the domain: the
   polynomials are what is compared. */
static int
equation_at(fmpq_mat_t system, slong row, caustic_expr f, const slong * exponents, slong length, ulong * state,
    slong range, const caustic_setting_t setting)
{
    slong n = setting->parameters, d = setting->coordinates;
    fmpq * point = _fmpq_vec_init(n);
    fmpq * z = _fmpq_vec_init(d);
    fmpq_t power;
    int rational;

    fmpq_init(power);
    for (slong a = 0; a < n; a++)
        fmpq_set_si(point + a, (slong) (next_random(state) % (ulong) (2 * range + 1)) - range, 1);

    rational = value_at(fmpq_mat_entry(system, row, length), f, point, setting);
    for (slong i = 0; i < d && rational; i++)
        rational = value_at(z + i, setting->invariant[i], point, setting);

    for (slong m = 0; m < length && rational; m++)
    {
        fmpq * entry = fmpq_mat_entry(system, row, m);

        fmpq_one(entry);
        for (slong i = 0; i < d; i++)
        {
            if (exponents[m * d + i] > 0)
            {
                fmpq_pow_si(power, z + i, exponents[m * d + i]);
                fmpq_mul(entry, entry, power);
            }
        }
    }

    fmpq_clear(power);
    _fmpq_vec_clear(point, n);
    _fmpq_vec_clear(z, d);
    return rational;
}

/* The combination of the monomials that equals f at the points, if there is exactly one. */
static int
solve(fmpq * coefficient, caustic_expr f, const slong * exponents, slong length, slong degree, const caustic_setting_t setting)
{
    ulong state = 1;
    slong rows = length + CLOSURE_SPARE;
    fmpq_mat_t system;
    int solved = 1;

    fmpq_mat_init(system, rows, length + 1);
    for (slong row = 0; row < rows && solved; row++)
        solved = equation_at(system, row, f, exponents, length, &state, 10 + degree, setting);

    solved = solved && fmpq_mat_rref(system, system) == length;
    for (slong m = 0; m < length && solved; m++)
    {
        solved = fmpq_is_one(fmpq_mat_entry(system, m, m));
        fmpq_set(coefficient + m, fmpq_mat_entry(system, m, length));
    }

    fmpq_mat_clear(system);
    return solved;
}

static caustic_expr
combination_expr(const fmpq * coefficient, const slong * exponents, slong length, const caustic_setting_t setting)
{
    caustic_pool * pool = setting->pool;
    slong d = setting->coordinates;
    caustic_expr * term = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(caustic_expr));
    caustic_expr sum;

    for (slong m = 0; m < length; m++)
    {
        term[m] = caustic_number(pool, coefficient + m);
        for (slong i = 0; i < d; i++)
            term[m] = caustic_mul(pool, term[m], caustic_power_si(pool, setting->coordinate[i], exponents[m * d + i]));
    }
    sum = caustic_sum(pool, term, length);
    flint_free(term);
    return sum;
}

int
close_in_invariants(caustic_expr * result, caustic_expr f, const caustic_setting_t setting)
{
    slong d = setting->coordinates, least = 0, most = 0, length = -1;
    slong * weight, * exponents;
    fmpq * coefficient;
    int found, homogeneous;

    if (f != CAUSTIC_NONE && caustic_expr_op(setting->pool, f) == CAUSTIC_OP_NUMBER)
    {
        *result = f;
        return 1;
    }
    if (d > CLOSURE_COORDINATES)
        return 0;

    weight = flint_malloc((size_t) FLINT_MAX(d, 1) * sizeof(slong));
    exponents = flint_malloc((size_t) FLINT_MAX(d, 1) * CLOSURE_MONOMIALS * sizeof(slong));
    coefficient = _fmpq_vec_init(CLOSURE_MONOMIALS);
    found = degrees(&least, &most, f, setting);
    homogeneous = least == most;

    for (slong i = 0; i < d && found; i++)
    {
        slong lowest;

        found = degrees(&lowest, weight + i, setting->invariant[i], setting) && weight[i] > 0;
        homogeneous = homogeneous && found && lowest == weight[i];
    }

    if (found)
        length = monomials(exponents, weight, d, homogeneous ? most : 0, most);
    found = length >= 0 && solve(coefficient, f, exponents, length, most, setting);
    if (found)
        *result = combination_expr(coefficient, exponents, length, setting);

    _fmpq_vec_clear(coefficient, CLOSURE_MONOMIALS);
    flint_free(weight);
    flint_free(exponents);
    return found;
}
