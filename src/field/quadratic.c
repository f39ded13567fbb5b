/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Polynomials of degree two on the whole of R^n: their sign and their zeros, by exact linear algebra.
    [REDUCTION-5]
*/

#include "sign_internal.h"

#define QUADRATIC_SYMBOLS 300

/* Adds the term c x_i x_j (index 0 stands for the constant 1) to the form. */
static void add_term(fmpq_mat_t form, slong i, slong j, const fmpz_t c)
{
    fmpq_t half;
    fmpq_init(half);
    fmpq_set_fmpz(half, c);
    if (i != j)
    {
        fmpq_div_2exp(half, half, 1);
        fmpq_add(fmpq_mat_entry(form, j, i), fmpq_mat_entry(form, j, i), half);
    }
    fmpq_add(fmpq_mat_entry(form, i, j), fmpq_mat_entry(form, i, j), half);
    fmpq_clear(half);
}

/* The places in (1, x) of the two factors of term t; 0 if it has more than two. */
static int term_places(slong place[2], const fmpz_mpoly_t p, slong t, const quadratic_t quadratic,
    const fmpz_mpoly_ctx_t mctx)
{
    int found = 0;
    slong k;
    place[0] = place[1] = 0;
    for (k = 0; k < quadratic->length; k++)
    {
        ulong e = fmpz_mpoly_get_term_var_exp_ui((fmpz_mpoly_struct *) p, t, quadratic->symbol[k], mctx);
        for (; e > 0; e--)
        {
            if (found == 2)
            {
                return 0;
            }
            place[found++] = k + 1;
        }
    }
    return 1;
}

int quadratic_init(quadratic_t quadratic, const fmpz_mpoly_t p, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong v, t, place[2];
    int is_quadratic = fmpz_mpoly_total_degree_fits_si(p, mctx) && fmpz_mpoly_total_degree_si(p, mctx) <= 2;

    quadratic->length = 0;
    quadratic->symbol = flint_malloc(sizeof(slong) * FLINT_MAX(field->symbols_length, 1));
    for (v = 0; v < field_variables(field) && is_quadratic; v++)
    {
        if (fmpz_mpoly_degree_si(p, v, mctx) > 0)
        {
            is_quadratic = v < field->symbols_length && whole_line(v, field)
                && quadratic->length < QUADRATIC_SYMBOLS;
            if (is_quadratic)
            {
                quadratic->symbol[quadratic->length++] = v;
            }
        }
    }
    fmpq_mat_init(quadratic->form, quadratic->length + 1, quadratic->length + 1);
    for (t = 0; t < fmpz_mpoly_length(p, mctx) && is_quadratic; t++)
    {
        is_quadratic = term_places(place, p, t, quadratic, mctx);
        if (is_quadratic)
        {
            add_term(quadratic->form, place[0], place[1], fmpz_mpoly_term_coeff_ref((fmpz_mpoly_struct *) p, t, mctx));
        }
    }
    if (!is_quadratic)
    {
        quadratic_clear(quadratic);
    }
    return is_quadratic;
}

void quadratic_clear(quadratic_t quadratic)
{
    flint_free(quadratic->symbol);
    fmpq_mat_clear(quadratic->form);
}

/* A diagonal entry, of the rows not yet done, that is not 0; -1 if there is none. */
static slong find_pivot(const fmpq_mat_t form, const char * done)
{
    slong i;
    for (i = 0; i < fmpq_mat_nrows(form); i++)
    {
        if (!done[i] && !fmpq_is_zero(fmpq_mat_entry(form, i, i)))
        {
            return i;
        }
    }
    return -1;
}

/* Gauss's steps with a pivot on the diagonal: a semidefinite form whose diagonal is 0 is 0. */
int is_semidefinite(const fmpq_mat_t given)
{
    slong n = fmpq_mat_nrows(given), pivot, i, j;
    char * done = flint_calloc((size_t) n, 1);
    int semidefinite = 1;
    fmpq_mat_t form;
    fmpq_t t;

    fmpq_mat_init_set(form, given);
    fmpq_init(t);
    while (semidefinite && (pivot = find_pivot(form, done)) >= 0)
    {
        semidefinite = fmpq_sgn(fmpq_mat_entry(form, pivot, pivot)) > 0;
        done[pivot] = 1;
        for (i = 0; i < n && semidefinite; i++)
        {
            for (j = 0; j < n && !done[i]; j++)
            {
                if (!done[j] && !fmpq_is_zero(fmpq_mat_entry(form, i, pivot)))
                {
                    fmpq_mul(t, fmpq_mat_entry(form, i, pivot), fmpq_mat_entry(form, pivot, j));
                    fmpq_div(t, t, fmpq_mat_entry(form, pivot, pivot));
                    fmpq_sub(fmpq_mat_entry(form, i, j), fmpq_mat_entry(form, i, j), t);
                }
            }
        }
    }
    for (i = 0; i < n; i++)
    {
        for (j = 0; j < n && semidefinite; j++)
        {
            semidefinite = done[i] || done[j] || fmpq_is_zero(fmpq_mat_entry(form, i, j));
        }
    }
    fmpq_clear(t);
    fmpq_mat_clear(form);
    flint_free(done);
    return semidefinite;
}

/* The equations form (1, x)^T = 0 in echelon form, the constant in the last column. */
static slong zero_equations(fmpq_mat_t equations, const quadratic_t quadratic)
{
    slong n = quadratic->length, i, j;
    for (i = 0; i <= n; i++)
    {
        for (j = 0; j <= n; j++)
        {
            fmpq_set(fmpq_mat_entry(equations, i, j == 0 ? n : j - 1), fmpq_mat_entry(quadratic->form, i, j));
        }
    }
    return fmpq_mat_rref(equations, equations);
}

static slong leading_column(const fmpq_mat_t equations, slong row)
{
    slong j = 0;
    while (fmpq_is_zero(fmpq_mat_entry(equations, row, j)))
    {
        j++;
    }
    return j;
}

/* Whether a form that is semidefinite vanishes at some (1, x). */
static int has_zeros(const quadratic_t quadratic)
{
    slong n = quadratic->length, rank;
    int zeros;
    fmpq_mat_t equations;
    fmpq_mat_init(equations, n + 1, n + 1);
    rank = zero_equations(equations, quadratic);
    zeros = rank == 0 || leading_column(equations, rank - 1) < n;
    fmpq_mat_clear(equations);
    return zeros;
}

caustic_sign quadratic_sign(const quadratic_t quadratic)
{
    caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;
    fmpq_mat_t negative;
    fmpq_mat_init(negative, quadratic->length + 1, quadratic->length + 1);
    fmpq_mat_neg(negative, quadratic->form);
    if (is_semidefinite(quadratic->form))
    {
        sign = has_zeros(quadratic) ? CAUSTIC_SIGN_NONNEGATIVE : CAUSTIC_SIGN_POSITIVE;
    }
    else if (is_semidefinite(negative))
    {
        sign = has_zeros(quadratic) ? CAUSTIC_SIGN_NONPOSITIVE : CAUSTIC_SIGN_NEGATIVE;
    }
    fmpq_mat_clear(negative);
    return sign;
}

slong quadratic_zeros(caustic_expr * symbols, caustic_expr * values, const quadratic_t quadratic, gr_ctx_t ctx)
{
    caustic_pool * pool = caustic_field_pool(ctx);
    slong n = quadratic->length, rank, row, j;
    fmpq_mat_t equations;
    fmpq_t minus;

    fmpq_mat_init(equations, n + 1, n + 1);
    fmpq_init(minus);
    rank = zero_equations(equations, quadratic);
    for (row = 0; row < rank; row++)
    {
        slong lead = leading_column(equations, row);
        symbols[row] = caustic_field_symbol(quadratic->symbol[lead], ctx);
        fmpq_neg(minus, fmpq_mat_entry(equations, row, n));
        values[row] = caustic_number(pool, minus);
        for (j = lead + 1; j < n; j++)
        {
            fmpq_neg(minus, fmpq_mat_entry(equations, row, j));
            values[row] = caustic_add(pool, values[row], caustic_mul(pool, caustic_number(pool, minus),
                caustic_field_symbol(quadratic->symbol[j], ctx)));
        }
    }
    fmpq_mat_clear(equations);
    fmpq_clear(minus);
    return rank;
}
