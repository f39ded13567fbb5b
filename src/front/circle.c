/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    circle: a quotient that is a circle, unrolled: the loss as a trigonometric polynomial on the whole line.
*/

#include <caustic/field.h>
#include <flint/fmpz_poly.h>
#include "front_internal.h"
#include "residual/harmonic.h"

#define DEGREE_LIMIT 64

/* e = numerator/(factor (1 + x^2)^k) with deg numerator <= 2k, if it is. */
static int
over_powers(fmpz_poly_t numerator, fmpz_t factor, slong * k, caustic_pool * pool, caustic_expr e, caustic_expr x)
{
    caustic_interval_t line;
    fmpz_poly_t denominator, square;
    gr_ctx_t ctx;
    gr_ptr value;
    int found;

    caustic_interval_init(line);
    fmpz_poly_init(denominator);
    fmpz_poly_init(square);
    caustic_field_ctx_init(ctx, pool, &x, line, 1);
    GR_TMP_INIT(value, ctx);
    fmpz_poly_set_coeff_si(square, 0, 1);
    fmpz_poly_set_coeff_si(square, 2, 1);
    *k = 0;
    found = caustic_field_set_expr(value, e, ctx) == GR_SUCCESS && caustic_field_get_fmpz_poly_q(numerator, denominator, value, 0, ctx);
    while (found && fmpz_poly_degree(denominator) > 0 && fmpz_poly_divides(denominator, denominator, square))
        ++*k;
    found = found && fmpz_poly_degree(denominator) == 0 && fmpz_poly_degree(numerator) <= 2 * *k && 2 * *k <= DEGREE_LIMIT;
    if (found)
        fmpz_poly_get_coeff_fmpz(factor, denominator, 0);
    GR_TMP_CLEAR(value, ctx);
    gr_ctx_clear(ctx);
    fmpz_poly_clear(denominator);
    fmpz_poly_clear(square);
    caustic_interval_clear(line);
    return found;
}

/* [FRONT-12] The real and the imaginary part of sum_i p_i (-i)^i (W - 1)^i (W + 1)^(2k - i), without 4^k. */
static void
exponential_parts(fmpz_poly_struct * part, const fmpz_poly_t p, slong k)
{
    fmpz_poly_t minus, plus, term;
    fmpz_t coefficient;

    fmpz_poly_init(minus);
    fmpz_poly_init(plus);
    fmpz_poly_init(term);
    fmpz_init(coefficient);
    for (slong i = 0; i <= 2 * k; i++)
    {
        /* (-i)^0, ..., (-i)^3 = 1, -i, -1, i */
        static const int sign[4] = {1, -1, -1, 1};

        fmpz_poly_zero(minus);
        fmpz_poly_zero(plus);
        fmpz_poly_set_coeff_si(minus, 0, -1);
        fmpz_poly_set_coeff_si(minus, 1, 1);
        fmpz_poly_set_coeff_si(plus, 0, 1);
        fmpz_poly_set_coeff_si(plus, 1, 1);
        fmpz_poly_pow(minus, minus, (ulong) i);
        fmpz_poly_pow(plus, plus, (ulong) (2 * k - i));
        fmpz_poly_mul(term, minus, plus);
        fmpz_poly_get_coeff_fmpz(coefficient, p, i);
        fmpz_mul_si(coefficient, coefficient, sign[i & 3]);
        fmpz_poly_scalar_addmul_fmpz(part + (i & 1), term, coefficient);
    }
    fmpz_poly_clear(minus);
    fmpz_poly_clear(plus);
    fmpz_poly_clear(term);
    fmpz_clear(coefficient);
}

/* p(x)/(factor (1 + x^2)^k), x = tan(angle/2), as a sum of cos(m angle) and sin(m angle). */
static caustic_expr
trigonometric(caustic_pool * pool, const fmpz_poly_t p, const fmpz_t factor, slong k, caustic_expr angle)
{
    caustic_expr sum = caustic_integer(pool, 0);
    fmpz_poly_struct part[2];
    fmpq_t a;

    fmpz_poly_init(part);
    fmpz_poly_init(part + 1);
    fmpq_init(a);
    exponential_parts(part, p, k);
    for (slong m = 0; m <= k; m++)
        for (int i = 0; i < (m == 0 ? 1 : 2); i++)
        {
            caustic_expr wave = caustic_mul(pool, caustic_integer(pool, m), angle);

            fmpz_poly_get_coeff_fmpz(fmpq_numref(a), part + i, k + m);
            fmpz_set(fmpq_denref(a), factor);
            fmpq_canonicalise(a);
            fmpq_div_2exp(a, a, (flint_bitcnt_t) (2 * k - (m > 0)));
            if (i == 1)
                fmpq_neg(a, a);
            wave = m == 0 ? caustic_integer(pool, 1) : caustic_function(pool, i == 0 ? CAUSTIC_OP_COS : CAUSTIC_OP_SIN, wave);
            sum = caustic_add(pool, sum, caustic_mul(pool, caustic_number(pool, a), wave));
        }
    fmpz_poly_clear(part);
    fmpz_poly_clear(part + 1);
    fmpq_clear(a);
    return sum;
}

int
unroll_circle(caustic_front_t front, caustic_text_t why, const caustic_reduction_t reduction, caustic_expr loss)
{
    caustic_pool * pool = front->pool;
    harmonic_form_t form;
    fmpz_poly_t numerator;
    fmpz_t factor;
    slong k;
    int unrolled = 0;

    fmpz_poly_init(numerator);
    fmpz_init(factor);
    if (harmonic_form_init(form, why, reduction, "torus", CAUSTIC_NONE, loss) == CAUSTIC_PROVED)
    {
        caustic_expr speed = caustic_sqrt(pool, caustic_number(pool, form->rate));

        unrolled = over_powers(numerator, factor, &k, pool, form->near, form->symbol);
        if (unrolled)
        {
            front->flat->s = form->symbol;
            front->period = caustic_div(pool, caustic_mul(pool, caustic_integer(pool, 2), caustic_pi(pool)), speed);
            front->flat->map = caustic_div(pool, form->map, speed);
            front->loss = trigonometric(pool, numerator, factor, k, caustic_mul(pool, speed, form->symbol));
        }
        else
            caustic_text_append(why, "the loss on the circle is no trigonometric polynomial of its angle");
    }
    harmonic_form_clear(form);
    fmpz_poly_clear(numerator);
    fmpz_clear(factor);
    return unrolled;
}
