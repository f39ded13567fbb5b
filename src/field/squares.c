/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Polynomials p = m Q m^T in the square roots m of their even terms: >= 0 where Q is semidefinite, and 0
    only where Q m^T = 0. [REDUCTION-15]
*/

#include "sign_internal.h"

static int is_square(const ulong * exponents, slong variables)
{
    slong v;
    for (v = 0; v < variables; v++)
    {
        if (exponents[v] % 2 != 0)
        {
            return 0;
        }
    }
    return 1;
}

/* Collects the even terms. */
static int read_roots(squares_t squares, const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx)
{
    slong t, v;
    for (t = 0; t < fmpz_mpoly_length(p, mctx); t++)
    {
        ulong * e = squares->exponents + squares->length * squares->variables;
        fmpz_mpoly_get_term_exp_ui(e, p, t, mctx);
        if (is_square(e, squares->variables))
        {
            for (v = 0; v < squares->variables; v++)
            {
                e[v] /= 2;
            }
            if (++squares->length > SQUARES_LENGTH)
            {
                return 0;
            }
        }
    }
    return 1;
}

static int is_product_of(const ulong * e, const squares_t squares, slong k, slong l)
{
    slong v;
    for (v = 0; v < squares->variables; v++)
    {
        if (e[v] != squares->exponents[k * squares->variables + v] + squares->exponents[l * squares->variables + v])
        {
            return 0;
        }
    }
    return 1;
}

/* Enters one term: on the diagonal if it is even, else at the only pair of which it is the product. */
static int enter_term(squares_t squares, const ulong * e, const fmpz_t coefficient)
{
    slong k, l, row = -1, column = -1;
    int even = is_square(e, squares->variables), places = 0;
    for (k = 0; k < squares->length; k++)
    {
        for (l = even ? k : k + 1; l < (even ? k + 1 : squares->length); l++)
        {
            if (is_product_of(e, squares, k, l))
            {
                row = k;
                column = l;
                places++;
            }
        }
    }
    if (places != 1)
    {
        return 0;
    }
    fmpq_set_fmpz(fmpq_mat_entry(squares->form, row, column), coefficient);
    if (!even)
    {
        fmpq_div_2exp(fmpq_mat_entry(squares->form, row, column), fmpq_mat_entry(squares->form, row, column), 1);
        fmpq_set(fmpq_mat_entry(squares->form, column, row), fmpq_mat_entry(squares->form, row, column));
    }
    return 1;
}

int squares_init(squares_t squares, const fmpz_mpoly_t p, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    ulong * e;
    slong t, length = fmpz_mpoly_length(p, mctx);
    int readable = length <= SQUARES_TERMS && fmpz_mpoly_degrees_fit_si(p, mctx);

    if (!readable)
    {
        return 0;
    }
    squares->variables = fmpz_mpoly_ctx_nvars(mctx);
    squares->length = 0;
    squares->exponents = flint_malloc(sizeof(ulong) * (size_t) ((SQUARES_LENGTH + 2) * squares->variables + 1));
    e = flint_malloc(sizeof(ulong) * (size_t) (squares->variables + 1));
    readable = read_roots(squares, p, mctx);
    fmpq_mat_init(squares->form, squares->length, squares->length);
    for (t = 0; t < length && readable; t++)
    {
        fmpz_mpoly_get_term_exp_ui(e, p, t, mctx);
        readable = enter_term(squares, e, fmpz_mpoly_term_coeff_ref((fmpz_mpoly_struct *) p, t, mctx));
    }
    flint_free(e);
    if (!readable)
    {
        squares_clear(squares);
    }
    return readable;
}

void squares_clear(squares_t squares)
{
    flint_free(squares->exponents);
    fmpq_mat_clear(squares->form);
}

caustic_sign squares_sign(const squares_t squares)
{
    caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;
    fmpq_mat_t negative;
    fmpq_mat_init(negative, squares->length, squares->length);
    fmpq_mat_neg(negative, squares->form);
    if (is_semidefinite(squares->form))
    {
        sign = CAUSTIC_SIGN_NONNEGATIVE;
    }
    else if (is_semidefinite(negative))
    {
        sign = CAUSTIC_SIGN_NONPOSITIVE;
    }
    fmpq_mat_clear(negative);
    return sign;
}

void squares_row(fmpz_mpoly_t res, const squares_t squares, slong row, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong k;
    fmpz_t denominator, c;
    fmpz_init(denominator);
    fmpz_init(c);
    fmpz_one(denominator);
    for (k = 0; k < squares->length; k++)
    {
        fmpz_lcm(denominator, denominator, fmpq_mat_entry_den(squares->form, row, k));
    }
    fmpz_mpoly_zero(res, mctx);
    for (k = 0; k < squares->length; k++)
    {
        fmpz_divexact(c, denominator, fmpq_mat_entry_den(squares->form, row, k));
        fmpz_mul(c, c, fmpq_mat_entry_num(squares->form, row, k));
        fmpz_mpoly_set_coeff_fmpz_ui(res, c, squares->exponents + k * squares->variables, mctx);
    }
    fmpz_clear(denominator);
    fmpz_clear(c);
}
