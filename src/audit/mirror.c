/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    mirror: two points with the same invariants and the same charges that differ in the signs of some parameters, and have
    different F_0. What is found is checked exactly, and can be by hand; nothing else is proved by it.
*/

#include <string.h>
#include <flint/fmpq_vec.h>
#include <flint/nmod_mat.h>
#include "audit_internal.h"

#define FLIPS_LIMIT 12 /* of the dimension of the space of sign changes */

/* Parities ***********************************************************************************/

#define PARITIES_LIMIT 4000
#define DEPTH_LIMIT 60

/* The exponents modulo 2 of the monomials of a polynomial, a bit for each parameter; those that cancel may be among them. */
typedef struct
{
    slong length;
    ulong * bits;
}
parities_struct;

static void
parities_add(parities_struct * parities, ulong bits)
{
    for (slong k = 0; k < parities->length; k++)
        if (parities->bits[k] == bits)
            return;
    parities->bits = flint_realloc(parities->bits, (size_t) (parities->length + 1) * sizeof(ulong));
    parities->bits[parities->length++] = bits;
}

/* a b */
static int
parities_multiply(parities_struct * a, const parities_struct * b)
{
    parities_struct product = {0, NULL};
    int fits = a->length * b->length <= PARITIES_LIMIT;

    for (slong i = 0; i < a->length && fits; i++)
        for (slong j = 0; j < b->length; j++)
            parities_add(&product, a->bits[i] ^ b->bits[j]);
    flint_free(a->bits);
    *a = product;
    return fits;
}

/* 0 if e is no polynomial in the parameters, or too large a one. */
static int
read_parities(parities_struct * parities, caustic_expr e, slong depth, const audit_work_t work)
{
    caustic_pool * pool = work->setting->pool;
    caustic_op op = caustic_expr_op(pool, e);
    int fits = depth < DEPTH_LIMIT;

    parities->length = 0;
    parities->bits = NULL;
    if (op == CAUSTIC_OP_NUMBER || op == CAUSTIC_OP_PRODUCT || op == CAUSTIC_OP_POWER)
        parities_add(parities, 0);
    if (op == CAUSTIC_OP_SUM || op == CAUSTIC_OP_PRODUCT)
        for (slong k = 0; k < caustic_expr_arity(pool, e) && fits; k++)
        {
            parities_struct child;

            fits = read_parities(&child, caustic_expr_child(pool, e, k), depth + 1, work) && parities->length <= PARITIES_LIMIT;
            if (fits && op == CAUSTIC_OP_PRODUCT)
                fits = parities_multiply(parities, &child);
            for (slong i = 0; i < child.length && op == CAUSTIC_OP_SUM; i++)
                parities_add(parities, child.bits[i]);
            flint_free(child.bits);
        }
    else if (op == CAUSTIC_OP_POWER)
    {
        const fmpq * exponent = caustic_expr_fmpq(pool, e);
        parities_struct base = {0, NULL};

        fits = fits && fmpz_is_one(fmpq_denref(exponent)) && fmpz_sgn(fmpq_numref(exponent)) > 0 && fmpz_cmp_si(fmpq_numref(exponent), 8) <= 0
            && read_parities(&base, caustic_expr_child(pool, e, 0), depth + 1, work);
        for (slong k = 0; fits && fmpz_cmp_si(fmpq_numref(exponent), k) > 0; k++)
            fits = parities_multiply(parities, &base);
        flint_free(base.bits);
    }
    else if (op != CAUSTIC_OP_NUMBER)
    {
        slong b = 0;

        while (b < work->parameters && work->setting->parameter[b] != e)
            b++;
        fits = fits && b < work->parameters && b < FLINT_BITS;
        if (fits)
            parities_add(parities, UWORD(1) << b);
    }
    return fits;
}

/* One row for each monomial of e: its exponents modulo 2, and 1 in column N + i where the sign of invariant i may change
   (i < 0: none may). 0 if e is no polynomial, or there is no room. */
static int
add_rows(nmod_mat_t rows, slong * used, caustic_expr e, slong i, const audit_work_t work)
{
    parities_struct parities;
    int fits = read_parities(&parities, e, 0, work) && *used + parities.length <= rows->r;

    for (slong k = 0; k < parities.length && fits; k++, (*used)++)
    {
        for (slong b = 0; b < FLINT_MIN(work->parameters, FLINT_BITS); b++)
            nmod_mat_entry(rows, *used, b) = parities.bits[k] >> b & 1;
        if (i >= 0)
            nmod_mat_entry(rows, *used, work->parameters + i) = 1;
    }
    flint_free(parities.bits);
    return fits;
}

/* The columns of `flips`: sign changes of the parameters that keep every charge, and keep or change the sign of each invariant,
   which the last d entries say. The dimension, or -1. */
static slong
find_flips(nmod_mat_t flips, const audit_work_t work)
{
    slong n = work->parameters, d = work->coordinates, used = 0, nullity = -1;
    nmod_mat_t rows;
    int fits = 1;

    nmod_mat_init(rows, 200 * (n + d), n + d, 2);
    for (slong a = 0; a < work->audit->charges && fits; a++)
        fits = add_rows(rows, &used, work->audit->charge[a], -1, work);
    for (slong i = 0; i < d && fits; i++)
        fits = add_rows(rows, &used, work->setting->invariant[i], i, work);
    if (fits)
        nullity = nmod_mat_nullspace(flips, rows);
    nmod_mat_clear(rows);
    return nullity;
}

/* Points *************************************************************************************/

/* A point of the section with the invariants of one sign change all 0, the others small numbers. */
static int
point_on_mirror(fmpq * theta, const int * changes, slong shift, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    caustic_pool * pool = setting->pool;
    caustic_expr * z = flint_malloc((size_t) FLINT_MAX(work->coordinates, 1) * sizeof(caustic_expr));
    int rational = 1;

    for (slong i = 0; i < work->coordinates; i++)
        z[i] = caustic_integer(pool, changes[i] ? 0 : 1 + (shift + i * (shift + 1)) % 5);
    for (slong b = 0; b < work->parameters && rational; b++)
    {
        caustic_expr value = caustic_substitute(pool, setting->section[b], setting->coordinate, z, work->coordinates);

        rational = value != CAUSTIC_NONE && caustic_expr_op(pool, value) == CAUSTIC_OP_NUMBER;
        if (rational)
            fmpq_set(theta + b, caustic_expr_fmpq(pool, value));
    }
    flint_free(z);
    return rational && is_in_theta(theta, work);
}

/* theta + t xi(theta) for every generator xi = S theta with S S theta = 0: that is its flow at time t. */
static void
move_along_orbit(fmpq * theta, slong t, const audit_work_t work)
{
    slong n = work->parameters;
    fmpq * speed = _fmpq_vec_init(n), * moved = _fmpq_vec_init(n);

    for (slong a = 0; a < work->generators; a++)
    {
        const caustic_expr * xi = work->setting->generator + a * n;
        int linear = 1;
        fmpq_t second;

        fmpq_init(second);
        for (slong b = 0; b < n && linear; b++)
            linear = rational_value(speed + b, xi[b], theta, work);
        for (slong b = 0; b < n && linear; b++)
            linear = rational_value(second, xi[b], speed, work) && fmpq_is_zero(second);
        for (slong b = 0; b < n && linear; b++)
        {
            fmpq_mul_si(speed + b, speed + b, t);
            fmpq_add(moved + b, theta + b, speed + b);
        }
        if (linear && is_in_theta(moved, work))
            for (slong b = 0; b < n; b++)
                fmpq_set(theta + b, moved + b);
        fmpq_clear(second);
    }
    _fmpq_vec_clear(speed, n);
    _fmpq_vec_clear(moved, n);
}

/* Whether two points have the same value of each of the functions. */
static int
agree(const caustic_expr * functions, slong length, const fmpq * theta, const fmpq * other, const audit_work_t work)
{
    fmpq_t here, there;
    int same = 1;

    fmpq_init(here);
    fmpq_init(there);
    for (slong i = 0; i < length && same; i++)
        same = rational_value(here, functions[i], theta, work) && rational_value(there, functions[i], other, work) && fmpq_equal(here, there);
    fmpq_clear(here);
    fmpq_clear(there);
    return same;
}

/* Whether theta and other are what is looked for: in Theta, with the same invariants and charges and another entry of F_0. */
static int
is_witness(caustic_audit_witness * witness, const fmpq * theta, const fmpq * other, const audit_work_t work)
{
    slong size = work->size;
    int found = 0;

    if (!is_in_theta(theta, work) || !is_in_theta(other, work)
        || !agree(work->setting->invariant, work->coordinates, theta, other, work)
        || !agree(work->audit->charge, work->audit->charges, theta, other, work))
        return 0;
    for (slong i = 0; i < size * size && !found; i++)
    {
        found = rational_value(witness->value, work->force_expr[i], theta, work)
            && rational_value(witness->other_value, work->force_expr[i], other, work)
            && !fmpq_equal(witness->value, witness->other_value);
        witness->i = i / size;
        witness->j = i % size;
    }
    return found;
}

/* The sum of those columns of `flips` whose bits are set: what it changes of the invariants, their number; other = theta mirrored. */
static slong
combine_flips(int * signs, int * changes, const nmod_mat_t flips, slong bits, slong nullity, const audit_work_t work)
{
    slong n = work->parameters, number = 0;

    for (slong b = 0; b < n + work->coordinates; b++)
    {
        ulong parity = 0;

        for (slong k = 0; k < nullity; k++)
            if (bits >> k & 1)
                parity ^= nmod_mat_entry(flips, b, k);
        if (b < n)
            signs[b] = parity != 0;
        else
            number += changes[b - n] = parity != 0;
    }
    return number;
}

void
audit_mirror(const audit_work_t work)
{
    caustic_audit_witness * witness = &work->audit->mirror;
    slong n = work->parameters, d = work->coordinates, nullity;
    fmpq * theta = _fmpq_vec_init(n), * other = _fmpq_vec_init(n);
    int * signs = flint_calloc((size_t) n, sizeof(int)), * changes = flint_calloc((size_t) FLINT_MAX(d, 1), sizeof(int));
    nmod_mat_t flips;
    int found = 0;

    nmod_mat_init(flips, n + d, n + d, 2);
    nullity = work->setting->has_section && work->audit->charges == work->charge_slope->r ? find_flips(flips, work) : -1;
    nullity = FLINT_MIN(nullity, FLIPS_LIMIT);
    for (slong bits = 1; nullity > 0 && bits < (WORD(1) << nullity) && !found; bits++)
    {
        slong number = combine_flips(signs, changes, flips, bits, nullity, work);

        if (number == 0 || number == d)
            continue;
        for (slong shift = 0; shift < 2 && !found; shift++)
        {
            if (!point_on_mirror(theta, changes, shift, work))
                continue;
            move_along_orbit(theta, shift + 1, work);
            for (slong b = 0; b < n; b++)
            {
                fmpq_set(other + b, theta + b);
                if (signs[b])
                    fmpq_neg(other + b, other + b);
            }
            found = is_witness(witness, theta, other, work);
        }
    }
    nmod_mat_clear(flips);
    flint_free(signs);
    flint_free(changes);
    if (found)
    {
        witness->present = 1;
        witness->length = n;
        witness->point = theta;
        witness->other = other;
        return;
    }
    _fmpq_vec_clear(theta, n);
    _fmpq_vec_clear(other, n);
}
