/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Values at points: evaluation in balls, witnesses, the zero test.
*/

#include <string.h>
#include "field_internal.h"
#include <flint/arb_hypgeom.h>
#include <flint/fmpq_vec.h>

/* Trial points *******************************************************************************/

/* Positive numbers of small height, all different. */
static const slong base_numbers[][2] =
{
    {1, 1}, {2, 1}, {1, 2}, {3, 1}, {3, 2}, {1, 3}, {5, 1}, {2, 3}, {7, 3}, {5, 4}, {4, 7}, {8, 1},
    {1, 7}, {11, 5}, {13, 2}, {9, 10}, {17, 1}, {1, 20}, {100, 3}
};

#define BASE_NUMBERS ((slong) (sizeof(base_numbers) / sizeof(base_numbers[0])))

/* The j-th number of the open interval; different for different j. */
static void interval_number(fmpq_t x, const caustic_interval_t domain, slong j)
{
    slong round = j / BASE_NUMBERS;
    fmpq_t t;
    fmpq_init(t);
    fmpq_set_si(x, base_numbers[j % BASE_NUMBERS][0], (ulong) base_numbers[j % BASE_NUMBERS][1]);
    /* later rounds: the same numbers moved by multiples of 101, more than all of them */
    fmpq_set_si(t, 101 * round, 1);
    fmpq_add(x, x, t);
    if (!domain->lower_infinite && domain->upper_infinite)
    {
        fmpq_add(x, domain->lower, x);
    }
    else if (domain->lower_infinite && !domain->upper_infinite)
    {
        fmpq_sub(x, domain->upper, x);
    }
    else if (!domain->lower_infinite && !domain->upper_infinite)
    {
        /* l + (u - l) x/(1 + x) */
        fmpq_set_si(t, 1, 1);
        fmpq_add(t, t, x);
        fmpq_div(x, x, t);
        fmpq_sub(t, domain->upper, domain->lower);
        fmpq_mul(x, x, t);
        fmpq_add(x, x, domain->lower);
    }
    else if (j % 2 == 1)
    {
        fmpq_neg(x, x);
    }
    fmpq_clear(t);
}

void field_point(fmpq * point, slong i, const caustic_field * field)
{
    slong k;
    for (k = 0; k < field->symbols_length; k++)
    {
        /* the first point has the numbers in order; later ones step through them with strides
           that differ from coordinate to coordinate */
        interval_number(point + k, field->domains + k, k + i * (1 + (k * (k + 3)) % 7 + i % 3));
    }
}

/* Evaluation *********************************************************************************/

void field_evaluate_polynomial(arb_t res, const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx,
    arb_srcptr values, slong prec)
{
    slong terms = fmpz_mpoly_length(p, mctx), variables = fmpz_mpoly_ctx_nvars(mctx), i, v;
    ulong * exponents = flint_malloc(sizeof(ulong) * FLINT_MAX(variables, 1));
    arb_t sum, term, power;
    fmpz_t c;

    arb_init(sum);
    arb_init(term);
    arb_init(power);
    fmpz_init(c);
    for (i = 0; i < terms; i++)
    {
        fmpz_mpoly_get_term_coeff_fmpz(c, p, i, mctx);
        fmpz_mpoly_get_term_exp_ui(exponents, p, i, mctx);
        arb_set_fmpz(term, c);
        for (v = 0; v < variables; v++)
        {
            if (exponents[v] == 1)
            {
                arb_mul(term, term, values + v, prec);
            }
            else if (exponents[v] > 1)
            {
                arb_pow_ui(power, values + v, exponents[v], prec);
                arb_mul(term, term, power, prec);
            }
        }
        arb_add(sum, sum, term, prec);
    }
    arb_swap(res, sum);
    arb_clear(sum);
    arb_clear(term);
    arb_clear(power);
    fmpz_clear(c);
    flint_free(exponents);
}

static void evaluate_fraction(arb_t res, const field_element_struct * x, arb_srcptr values, slong prec,
    const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field->levels[x->level];
    arb_t num, den;
    arb_init(num);
    arb_init(den);
    field_evaluate_polynomial(num, fmpz_mpoly_q_numref(x->value), mctx, values, prec);
    field_evaluate_polynomial(den, fmpz_mpoly_q_denref(x->value), mctx, values, prec);
    arb_div(res, num, den, prec);
    arb_clear(num);
    arb_clear(den);
}

static void mark_element(int * needed, const field_element_struct * x, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field->levels[x->level];
    slong variables = FLINT_MIN(fmpz_mpoly_ctx_nvars(mctx), field_variables(field)), v;
    for (v = 0; v < variables; v++)
    {
        needed[v] |= fmpz_mpoly_degree_si(fmpz_mpoly_q_numref(x->value), v, mctx) > 0
            || fmpz_mpoly_degree_si(fmpz_mpoly_q_denref(x->value), v, mctx) > 0;
    }
}

/* A ball of atom^unit, from a ball of the atom. Where the atom is negative the power is not real:
   the ball is then not finite, unless the atom is known to be non-negative on the box. */
static void evaluate_power(arb_t res, const arb_t base, const fmpq_t unit, int nonnegative, slong prec)
{
    arb_t t;
    arb_init(t);
    arb_set(t, base);
    if (nonnegative)
    {
        arb_nonnegative_part(t, t);
    }
    if (fmpz_abs_fits_ui(fmpq_denref(unit)))
    {
        arb_root_ui(res, t, fmpz_get_ui(fmpq_denref(unit)), prec);
        arb_pow_fmpz(res, res, fmpq_numref(unit), prec);
    }
    else
    {
        arb_indeterminate(res);
    }
    arb_clear(t);
}

void field_evaluate_variables(arb_ptr values, int * needed, arb_srcptr point, slong prec,
    const caustic_field * field)
{
    slong symbols = field->symbols_length, i;
    arb_t a;
    arb_init(a);
    for (i = field->generators_length - 1; i >= 0; i--)
    {
        if (needed[symbols + i] && field->generators[i].kind != FIELD_PI)
        {
            mark_element(needed, field->generators[i].argument, field);
        }
    }
    for (i = 0; i < symbols; i++)
    {
        arb_set(values + i, point + i);
    }
    for (i = 0; i < field->generators_length; i++)
    {
        const field_generator * g = field->generators + i;
        arb_ptr v = values + symbols + i;
        if (!needed[symbols + i])
        {
            continue;
        }
        if (g->kind != FIELD_PI)
        {
            evaluate_fraction(a, g->argument, values, prec, field);
        }
        switch (g->kind)
        {
            case FIELD_POWER:
                if (field->atoms[g->atom].is_exp)
                {
                    arb_exp(v, a, prec);
                }
                else
                {
                    evaluate_power(v, a, g->unit, field->atoms[g->atom].nonnegative, prec);
                }
                break;
            case FIELD_LOG:
                arb_log(v, a, prec);
                break;
            case FIELD_COS:
                arb_cos(v, a, prec);
                break;
            case FIELD_SIN:
                arb_sin(v, a, prec);
                break;
            case FIELD_ATAN:
                arb_atan(v, a, prec);
                break;
            case FIELD_ERF:
                arb_hypgeom_erf(v, a, prec);
                break;
            case FIELD_PI:
                arb_const_pi(v, prec);
                break;
        }
    }
    arb_clear(a);
}

static void evaluate_element(arb_t res, const field_element_struct * x, arb_srcptr point, slong prec,
    const caustic_field * field)
{
    slong variables = FLINT_MAX(field_variables(field), fmpz_mpoly_ctx_nvars(field->levels[x->level]));
    int * needed = flint_calloc(variables + 1, sizeof(int));
    arb_ptr values = _arb_vec_init(variables);
    mark_element(needed, x, field);
    field_evaluate_variables(values, needed, point, prec, field);
    evaluate_fraction(res, x, values, prec, field);
    _arb_vec_clear(values, variables);
    flint_free(needed);
}

void caustic_field_evaluate_arb(arb_t res, gr_srcptr x, arb_srcptr point, slong prec, gr_ctx_t ctx)
{
    evaluate_element(res, x, point, prec, FIELD(ctx));
}

static void evaluate_at_fmpq(arb_t res, const field_element_struct * x, const fmpq * point, slong prec,
    const caustic_field * field)
{
    slong n = field->symbols_length, k;
    arb_ptr balls = _arb_vec_init(n);
    for (k = 0; k < n; k++)
    {
        arb_set_fmpq(balls + k, point + k, prec);
    }
    evaluate_element(res, x, balls, prec, field);
    _arb_vec_clear(balls, n);
}

/* Witnesses **********************************************************************************/

void caustic_witness_init(caustic_witness_t witness, slong length)
{
    witness->point = _fmpq_vec_init(length);
    witness->length = length;
    arb_init(witness->value);
}

void caustic_witness_clear(caustic_witness_t witness)
{
    _fmpq_vec_clear(witness->point, witness->length);
    arb_clear(witness->value);
}

void caustic_witness_print(caustic_text_t out, const caustic_witness_t witness, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    slong k;
    char * s;
    for (k = 0; k < witness->length; k++)
    {
        s = fmpq_get_str(NULL, 10, witness->point + k);
        caustic_text_printf(out, "%s%s = %s", k == 0 ? "" : ", ",
            caustic_expr_name(field->pool, field->symbols[k]), s);
        flint_free(s);
    }
    s = arb_get_str(witness->value, 8, ARB_STR_NO_RADIUS);
    if (strcmp(s, "0") == 0)
    {
        flint_free(s);
        s = arb_get_str(witness->value, 8, 0);
    }
    caustic_text_printf(out, "%svalue %s (not 0)", witness->length > 0 ? ": " : "", s);
    flint_free(s);
}

static void set_witness(caustic_witness_struct * witness, const fmpq * point, const arb_t value)
{
    slong k;
    if (witness != NULL)
    {
        for (k = 0; k < witness->length; k++)
        {
            fmpq_set(witness->point + k, point + k);
        }
        arb_set(witness->value, value);
    }
}

/* want 0: any certified non-zero value. Balls of rising precision at every trial point. */
static int search(caustic_witness_struct * witness, const field_element_struct * x, int want,
    const caustic_field * field)
{
    slong n = field->symbols_length, i, prec;
    slong points = n == 0 ? 1 : FIELD_POINTS;
    int found = 0;
    fmpq * point = _fmpq_vec_init(n);
    arb_t value;
    arb_init(value);
    for (i = 0; i < points && !found; i++)
    {
        field_point(point, i, field);
        for (prec = 53; prec <= 424 && !found; prec *= 2)
        {
            evaluate_at_fmpq(value, x, point, prec, field);
            found = arb_is_finite(value) && (want > 0 ? arb_is_positive(value)
                : want < 0 ? arb_is_negative(value) : arb_is_nonzero(value));
        }
    }
    if (found)
    {
        set_witness(witness, point, value);
    }
    _fmpq_vec_clear(point, n);
    arb_clear(value);
    return found;
}

int caustic_field_find_sign(caustic_witness_t witness, gr_srcptr x, int want, gr_ctx_t ctx)
{
    return search(witness, x, want < 0 ? -1 : 1, FIELD(ctx));
}

/* Whether p uses none but the first `symbols` variables. */
static int uses_symbols_only(const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx, const caustic_field * field)
{
    slong v;
    for (v = field->symbols_length; v < field_variables(field) && v < fmpz_mpoly_ctx_nvars(mctx); v++)
    {
        if (fmpz_mpoly_degree_si(p, v, mctx) > 0)
        {
            return 0;
        }
    }
    return 1;
}

/* p(.., variable = a/b, ..) b^degree */
static void substitute_number(fmpz_mpoly_t res, const fmpz_mpoly_t p, slong variable, const fmpq_t x,
    const fmpz_mpoly_ctx_t mctx)
{
    slong degree = fmpz_mpoly_degree_si(p, variable, mctx), terms = fmpz_mpoly_length(p, mctx), i;
    ulong * exponents = flint_malloc(sizeof(ulong) * FLINT_MAX(fmpz_mpoly_ctx_nvars(mctx), 1));
    fmpz_mpoly_t t;
    fmpz_t c, power;
    fmpz_mpoly_init(t, mctx);
    fmpz_init(c);
    fmpz_init(power);
    for (i = 0; i < terms; i++)
    {
        fmpz_mpoly_get_term_exp_ui(exponents, p, i, mctx);
        fmpz_mpoly_get_term_coeff_fmpz(c, p, i, mctx);
        fmpz_pow_ui(power, fmpq_numref(x), exponents[variable]);
        fmpz_mul(c, c, power);
        fmpz_pow_ui(power, fmpq_denref(x), (ulong) degree - exponents[variable]);
        fmpz_mul(c, c, power);
        exponents[variable] = 0;
        fmpz_mpoly_push_term_fmpz_ui(t, c, exponents, mctx);
    }
    fmpz_mpoly_sort_terms(t, mctx);
    fmpz_mpoly_combine_like_terms(t, mctx);
    fmpz_mpoly_swap(res, t, mctx);
    fmpz_mpoly_clear(t, mctx);
    fmpz_clear(c);
    fmpz_clear(power);
    flint_free(exponents);
}

/* A point of the box where the non-zero polynomial p in the symbols does not vanish: one coordinate
   after the other, because a polynomial of degree d in a variable vanishes identically in the
   others for at most d of its values. [FIELD-2] */
static void nonzero_point(fmpq * point, const fmpz_mpoly_t p, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong k, j;
    fmpz_mpoly_t rest, t;
    fmpz_mpoly_init(rest, mctx);
    fmpz_mpoly_init(t, mctx);
    fmpz_mpoly_set(rest, p, mctx);
    for (k = 0; k < field->symbols_length; k++)
    {
        for (j = k;; j++)
        {
            interval_number(point + k, field->domains + k, j);
            substitute_number(t, rest, k, point + k, mctx);
            if (!fmpz_mpoly_is_zero(t, mctx))
            {
                break;
            }
        }
        fmpz_mpoly_swap(rest, t, mctx);
    }
    fmpz_mpoly_clear(rest, mctx);
    fmpz_mpoly_clear(t, mctx);
}

/* The exact value at the point, as a ball without 0 if it is not 0. */
static void rational_witness(caustic_witness_struct * witness, const fmpz_mpoly_q_t q, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong n = field->symbols_length, k;
    fmpq * point = _fmpq_vec_init(n);
    fmpz_mpoly_t product, num, den;
    fmpq_t value;
    arb_t ball;
    fmpz_mpoly_init(product, mctx);
    fmpz_mpoly_init(num, mctx);
    fmpz_mpoly_init(den, mctx);
    fmpq_init(value);
    arb_init(ball);

    fmpz_mpoly_mul(product, fmpz_mpoly_q_numref(q), fmpz_mpoly_q_denref(q), mctx);
    nonzero_point(point, product, field);
    fmpz_mpoly_set(num, fmpz_mpoly_q_numref(q), mctx);
    fmpz_mpoly_set(den, fmpz_mpoly_q_denref(q), mctx);
    fmpq_one(value);
    for (k = 0; k < n; k++)
    {
        fmpq_t scale;
        slong e = fmpz_mpoly_degree_si(den, k, mctx) - fmpz_mpoly_degree_si(num, k, mctx);
        fmpq_init(scale);
        fmpq_set_fmpz(scale, fmpq_denref(point + k));
        fmpq_pow_si(scale, scale, e);
        fmpq_mul(value, value, scale);
        substitute_number(num, num, k, point + k, mctx);
        substitute_number(den, den, k, point + k, mctx);
        fmpq_clear(scale);
    }
    {
        fmpz_t c;
        fmpz_init(c);
        fmpz_mpoly_get_fmpz(c, num, mctx);
        fmpq_mul_fmpz(value, value, c);
        fmpz_mpoly_get_fmpz(c, den, mctx);
        fmpq_div_fmpz(value, value, c);
        fmpz_clear(c);
    }
    arb_set_fmpq(ball, value, 128);
    set_witness(witness, point, ball);

    fmpz_mpoly_clear(product, mctx);
    fmpz_mpoly_clear(num, mctx);
    fmpz_mpoly_clear(den, mctx);
    fmpq_clear(value);
    arb_clear(ball);
    _fmpq_vec_clear(point, n);
}

truth_t caustic_field_is_zero(gr_srcptr x, caustic_witness_t witness, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    const field_element_struct * e = x;
    truth_t answer;
    field_operand_t a;
    field_operand_open(a, e, field);
    if (fmpz_mpoly_q_is_zero(a->q, field_mctx(field)))
    {
        answer = T_TRUE;
    }
    else if (uses_symbols_only(fmpz_mpoly_q_numref(a->q), field_mctx(field), field)
        && uses_symbols_only(fmpz_mpoly_q_denref(a->q), field_mctx(field), field))
    {
        if (witness != NULL)
        {
            rational_witness(witness, a->q, field);
        }
        answer = T_FALSE;
    }
    else
    {
        answer = search(witness, e, 0, field) ? T_FALSE : T_UNKNOWN;
    }
    field_operand_close(a, field);
    return answer;
}

/* Divisors ***********************************************************************************/

static int uses_generator(const fmpz_mpoly_t p, slong index, const caustic_field * field)
{
    return fmpz_mpoly_degree_si(p, field->symbols_length + index, field_mctx(field)) > 0;
}

int field_polynomial_is_regular(const fmpz_mpoly_t p, const caustic_field * field)
{
    slong g;
    int regular = 1;
    for (g = 0; g < field->generators_length && regular; g++)
    {
        regular = field->generators[g].regular || !uses_generator(p, g, field);
    }
    return regular;
}

int field_polynomial_is_total(const fmpz_mpoly_t p, const caustic_field * field)
{
    slong g;
    int total = 1;
    for (g = 0; g < field->generators_length && total; g++)
    {
        total = field->generators[g].total || !uses_generator(p, g, field);
    }
    return total;
}

/* Whether the single variable is nowhere zero: exponentials and pi. */
static int never_zero(slong variable, const caustic_field * field)
{
    const field_generator * g;
    if (variable < field->symbols_length)
    {
        return 0;
    }
    g = field->generators + (variable - field->symbols_length);
    return g->kind == FIELD_PI || (g->kind == FIELD_POWER && field->atoms[g->atom].is_exp);
}

int field_certify_divisor(const fmpz_mpoly_t p, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong v;
    int certain;
    field_element_t t;
    if (fmpz_mpoly_is_zero(p, mctx))
    {
        return 0;
    }
    if (uses_symbols_only(p, mctx, field))
    {
        return 1;
    }
    if (fmpz_mpoly_length(p, mctx) == 1)
    {
        certain = 1;
        for (v = field->symbols_length; v < field_variables(field); v++)
        {
            certain = certain && (fmpz_mpoly_degree_si(p, v, mctx) == 0 || never_zero(v, field));
        }
        if (certain)
        {
            return 1;
        }
    }
    if (!field_polynomial_is_regular(p, field))
    {
        /* without zeros wherever it is defined [FIELD-11] */
        caustic_sign sign = field_polynomial_sign(p, field);
        return sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE;
    }
    field_element_init(t, field);
    field_element_set_polynomials(t, p, NULL, field);
    certain = search(NULL, t, 0, field);
    field_element_clear(t, field);
    return certain;
}
