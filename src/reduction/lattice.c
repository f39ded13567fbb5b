/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Monomial invariants of a torus action. Of Z^N the exponents that the charges annihilate are a saturated
    sublattice; a basis of it, and a right inverse, are read off one Hermite normal form. What is found here
    is proved afterwards like anything that a user wrote.
*/

#include <flint/fmpz_lll.h>
#include <flint/fmpz_mat.h>
#include <flint/fmpz_vec.h>
#include "reduction_internal.h"

/* Lattices up to this dimension are reduced, for shorter monomials. */
#define REDUCED_DIMENSION 60

/* The charges as integers, one generator a column: each generator times a number. */
static void
charge_columns(fmpz_mat_t res, const fmpq_mat_t charges)
{
    fmpz_t multiple;

    fmpz_init(multiple);
    for (slong a = 0; a < fmpq_mat_nrows(charges); a++)
    {
        fmpz_one(multiple);
        for (slong b = 0; b < fmpq_mat_ncols(charges); b++)
            fmpz_lcm(multiple, multiple, fmpq_mat_entry_den(charges, a, b));
        for (slong b = 0; b < fmpq_mat_ncols(charges); b++)
        {
            fmpz * entry = fmpz_mat_entry(res, b, a);

            fmpz_divexact(entry, multiple, fmpq_mat_entry_den(charges, a, b));
            fmpz_mul(entry, entry, fmpq_mat_entry_num(charges, a, b));
        }
    }
    fmpz_clear(multiple);
}

/* Shorter rows of `invariants`, the right inverse with them: B' = T B, S' = S T^(-1). */
static void
shorten(fmpz_mat_t invariants, fmpz_mat_t section)
{
    slong d = fmpz_mat_nrows(invariants);
    fmpz_mat_t transformation, inverse;
    fmpz_t determinant;
    fmpz_lll_t context;

    fmpz_mat_init(transformation, d, d);
    fmpz_mat_init(inverse, d, d);
    fmpz_init(determinant);
    fmpz_mat_one(transformation);
    fmpz_lll_context_init_default(context);
    fmpz_lll(invariants, transformation, context);

    /* Unimodular: the determinant is 1 or -1. */
    if (fmpz_mat_inv(inverse, determinant, transformation))
    {
        if (fmpz_sgn(determinant) < 0)
            fmpz_mat_neg(inverse, inverse);
        fmpz_mat_mul(section, section, inverse);
    }

    fmpz_mat_clear(transformation);
    fmpz_mat_clear(inverse);
    fmpz_clear(determinant);
}

/* z rather than 1/z: the sum of a row's exponents is not negative. */
static void
orient(fmpz_mat_t invariants, fmpz_mat_t section)
{
    fmpz_t sum;

    fmpz_init(sum);
    for (slong i = 0; i < fmpz_mat_nrows(invariants); i++)
    {
        _fmpz_vec_sum(sum, fmpz_mat_entry(invariants, i, 0), fmpz_mat_ncols(invariants));
        if (fmpz_sgn(sum) < 0)
        {
            _fmpz_vec_neg(fmpz_mat_entry(invariants, i, 0), fmpz_mat_entry(invariants, i, 0), fmpz_mat_ncols(invariants));
            for (slong b = 0; b < fmpz_mat_nrows(section); b++)
                fmpz_neg(fmpz_mat_entry(section, b, i), fmpz_mat_entry(section, b, i));
        }
    }
    fmpz_clear(sum);
}

int
caustic_torus_lattice(fmpz_mat_t invariants, fmpz_mat_t section, const fmpq_mat_t charges)
{
    slong k = fmpq_mat_nrows(charges), n = fmpq_mat_ncols(charges);
    fmpz_mat_t columns, form, transformation, inverse;
    fmpz_t determinant;
    int answer;

    fmpz_mat_init(columns, n, k);
    fmpz_mat_init(form, n, k);
    fmpz_mat_init(transformation, n, n);
    fmpz_mat_init(inverse, n, n);
    fmpz_init(determinant);

    /* U Q^T = H with U unimodular: the rows of U below the rank of H are a basis of the lattice, and the
       columns of U^(-1) beside them a right inverse. */
    charge_columns(columns, charges);
    fmpz_mat_one(transformation);
    if (k > 0)
        fmpz_mat_hnf_transform(form, transformation, columns);
    answer = k == 0 || (k <= n && !_fmpz_vec_is_zero(fmpz_mat_entry(form, k - 1, 0), k));
    answer = answer && fmpz_mat_inv(inverse, determinant, transformation) && fmpz_is_pm1(determinant);

    if (answer)
    {
        if (fmpz_sgn(determinant) < 0)
            fmpz_mat_neg(inverse, inverse);

        for (slong i = 0; i < n - k; i++)
            for (slong b = 0; b < n; b++)
            {
                fmpz_set(fmpz_mat_entry(invariants, i, b), fmpz_mat_entry(transformation, k + i, b));
                fmpz_set(fmpz_mat_entry(section, b, i), fmpz_mat_entry(inverse, b, k + i));
            }

        if (n > k && n - k <= REDUCED_DIMENSION)
            shorten(invariants, section);
        orient(invariants, section);
    }

    fmpz_mat_clear(columns);
    fmpz_mat_clear(form);
    fmpz_mat_clear(transformation);
    fmpz_mat_clear(inverse);
    fmpz_clear(determinant);
    return answer;
}

/* A product of powers of the symbols, from one row or column of exponents. */
static caustic_expr
monomial(caustic_pool * pool, const caustic_expr * symbol, const fmpz * exponent, slong stride, slong length)
{
    caustic_expr * factor = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(caustic_expr));
    caustic_expr product;
    slong factors = 0;

    for (slong i = 0; i < length; i++)
    {
        const fmpz * e = exponent + i * stride;

        if (!fmpz_is_zero(e))
            factor[factors++] = fmpz_is_one(e) ? symbol[i]
                : fmpz_fits_si(e) ? caustic_power_si(pool, symbol[i], fmpz_get_si(e)) : CAUSTIC_NONE;
    }

    product = factors == 0 ? caustic_integer(pool, 1) : factors == 1 ? factor[0]
        : caustic_product(pool, factor, factors);
    flint_free(factor);
    return product;
}

int
caustic_setting_complete_torus(caustic_setting_t setting)
{
    slong n = setting->parameters, k = setting->generators, d = setting->coordinates;
    fmpz_mat_t invariants, section;
    fmpq_mat_t charges;
    int answer;

    fmpq_mat_init(charges, k, n);
    fmpz_mat_init(invariants, d, n);
    fmpz_mat_init(section, n, d);

    answer = d == n - k && read_torus_charges(charges, setting) && caustic_torus_lattice(invariants, section, charges);

    for (slong i = 0; i < d && answer; i++)
    {
        setting->invariant[i] = monomial(setting->pool, setting->parameter, fmpz_mat_entry(invariants, i, 0), 1, n);
        answer = setting->invariant[i] != CAUSTIC_NONE;
    }
    for (slong b = 0; b < n && answer; b++)
    {
        setting->section[b] = monomial(setting->pool, setting->coordinate, fmpz_mat_entry(section, b, 0), 1, d);
        answer = setting->section[b] != CAUSTIC_NONE;
    }

    fmpq_mat_clear(charges);
    fmpz_mat_clear(invariants);
    fmpz_mat_clear(section);
    return answer;
}
