/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Signs on the whole box, proved by the form of the function.
*/

#include "sign_internal.h"
#include <flint/fmpz_poly.h>

#define SIGN_LINES 6       /* unbounded variables whose sign is split into cases */
#define SIGN_TERMS 20000   /* of a polynomial that has been mapped to the orthant */
#define SIGN_DEGREE 400    /* in a variable that is mapped, and of the bits of its coefficients in all: */
#define SIGN_BITS 100000000
#define SIGN_NESTING 3     /* discriminants of discriminants */
#define SIGN_VALUE_TERMS 2000      /* of a number that is evaluated, */
#define SIGN_VALUE_PRECISION 8192  /* to so many bits */
#define SIGN_STURM 100     /* degree up to which roots are counted */

caustic_sign field_sign_product(caustic_sign a, caustic_sign b)
{
    int strict, negative;
    if (a == CAUSTIC_SIGN_UNKNOWN || b == CAUSTIC_SIGN_UNKNOWN)
    {
        return CAUSTIC_SIGN_UNKNOWN;
    }
    if (a == CAUSTIC_SIGN_ZERO || b == CAUSTIC_SIGN_ZERO)
    {
        return CAUSTIC_SIGN_ZERO;
    }
    strict = (a == CAUSTIC_SIGN_POSITIVE || a == CAUSTIC_SIGN_NEGATIVE)
        && (b == CAUSTIC_SIGN_POSITIVE || b == CAUSTIC_SIGN_NEGATIVE);
    negative = (a == CAUSTIC_SIGN_NEGATIVE || a == CAUSTIC_SIGN_NONPOSITIVE)
        != (b == CAUSTIC_SIGN_NEGATIVE || b == CAUSTIC_SIGN_NONPOSITIVE);
    if (strict)
    {
        return negative ? CAUSTIC_SIGN_NEGATIVE : CAUSTIC_SIGN_POSITIVE;
    }
    return negative ? CAUSTIC_SIGN_NONPOSITIVE : CAUSTIC_SIGN_NONNEGATIVE;
}

static caustic_sign sign_of_integer(int sgn)
{
    return sgn > 0 ? CAUSTIC_SIGN_POSITIVE : sgn < 0 ? CAUSTIC_SIGN_NEGATIVE : CAUSTIC_SIGN_ZERO;
}

/* The open interval that holds the values of a variable. */
const caustic_interval_struct * variable_range(slong variable, const caustic_field * field)
{
    return variable < field->symbols_length ? field->domains + variable
        : field->generators[variable - field->symbols_length].range;
}

int whole_line(slong variable, const caustic_field * field)
{
    const caustic_interval_struct * range = variable_range(variable, field);
    return range->lower_infinite && range->upper_infinite;
}

/* Where the map below is the identity. */
static int is_orthant(slong variable, const caustic_field * field)
{
    const caustic_interval_struct * range = variable_range(variable, field);
    return !range->lower_infinite && fmpq_is_zero(range->lower) && range->upper_infinite;
}

/* Whether the value 0 is possible although the range is (0, inf): roots of functions not proved > 0. */
int closed_at_zero(slong variable, const caustic_field * field)
{
    const field_generator * g;
    if (variable < field->symbols_length)
    {
        return 0;
    }
    g = field->generators + (variable - field->symbols_length);
    return g->kind == FIELD_POWER && !field->atoms[g->atom].strict;
}

/* x = X(s)/Y(s) maps s in (0, inf) onto the interval, Y > 0 there; X = x0 + x1 s, Y = y0 + y1 s. */
static void orthant_map(fmpz * x, fmpz * y, const caustic_interval_struct * range)
{
    fmpz_zero(x);
    fmpz_one(x + 1);
    fmpz_one(y);
    fmpz_zero(y + 1);
    if (!range->lower_infinite && !range->upper_infinite)
    {
        /* (l + u s)/(1 + s), over the common denominator */
        fmpz_mul(y, fmpq_denref(range->lower), fmpq_denref(range->upper));
        fmpz_set(y + 1, y);
        fmpz_mul(x, fmpq_numref(range->lower), fmpq_denref(range->upper));
        fmpz_mul(x + 1, fmpq_numref(range->upper), fmpq_denref(range->lower));
    }
    else if (!range->lower_infinite)
    {
        /* (a + b s)/b for l = a/b */
        fmpz_set(x, fmpq_numref(range->lower));
        fmpz_set(x + 1, fmpq_denref(range->lower));
        fmpz_set(y, fmpq_denref(range->lower));
    }
    else if (!range->upper_infinite)
    {
        fmpz_set(x, fmpq_numref(range->upper));
        fmpz_neg(x + 1, fmpq_denref(range->upper));
        fmpz_set(y, fmpq_denref(range->upper));
    }
}

/* Whether mapping a variable of that degree ends soon: the k-th power of a line with b bits has k + 1
   coefficients of k b bits. */
static int may_map(slong degree, const fmpz * line)
{
    double bits = (double) fmpz_bits(line) + fmpz_bits(line + 1) + fmpz_bits(line + 2) + fmpz_bits(line + 3);
    return degree <= SIGN_DEGREE && bits * degree * degree <= SIGN_BITS;
}

static void set_linear(fmpz_mpoly_t res, const fmpz * c, slong variable, const fmpz_mpoly_ctx_t mctx)
{
    fmpz_mpoly_gen(res, variable, mctx);
    fmpz_mpoly_scalar_mul_fmpz(res, res, c + 1, mctx);
    fmpz_mpoly_add_fmpz(res, res, c, mctx);
}

/* Replaces p by p(.., X(s)/Y(s), ..) Y(s)^degree, which has the same sign on the range. 0: it would grow too long. */
static int map_from(fmpz_mpoly_t p, slong variable, const caustic_interval_struct * range, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong degree = fmpz_mpoly_degree_si(p, variable, mctx), k;
    fmpz_mpoly_struct * a;
    fmpz_mpoly_t x, y, power, sum, t;
    fmpz line[4];
    int done = 1;

    for (k = 0; k < 4; k++)
    {
        fmpz_init(line + k);
    }
    fmpz_mpoly_init(x, mctx);
    fmpz_mpoly_init(y, mctx);
    fmpz_mpoly_init(power, mctx);
    fmpz_mpoly_init(sum, mctx);
    fmpz_mpoly_init(t, mctx);
    a = flint_malloc(sizeof(fmpz_mpoly_struct) * (degree + 1));
    for (k = 0; k <= degree; k++)
    {
        fmpz_mpoly_init(a + k, mctx);
    }

    orthant_map(line, line + 2, range);
    done = may_map(degree, line);
    set_linear(x, line, variable, mctx);
    set_linear(y, line + 2, variable, mctx);
    field_split(a, degree + 1, p, variable, mctx);
    fmpz_mpoly_one(power, mctx);
    for (k = degree; k >= 0 && done; k--)
    {
        fmpz_mpoly_mul(sum, sum, x, mctx);
        fmpz_mpoly_mul(t, a + k, power, mctx);
        fmpz_mpoly_add(sum, sum, t, mctx);
        fmpz_mpoly_mul(power, power, y, mctx);
        done = fmpz_mpoly_length(sum, mctx) <= SIGN_TERMS;
    }
    if (done)
    {
        fmpz_mpoly_swap(p, sum, mctx);
    }

    for (k = 0; k <= degree; k++)
    {
        fmpz_mpoly_clear(a + k, mctx);
    }
    flint_free(a);
    for (k = 0; k < 4; k++)
    {
        fmpz_clear(line + k);
    }
    fmpz_mpoly_clear(x, mctx);
    fmpz_mpoly_clear(y, mctx);
    fmpz_mpoly_clear(power, mctx);
    fmpz_mpoly_clear(sum, mctx);
    fmpz_mpoly_clear(t, mctx);
    return done;
}

static int map_variable(fmpz_mpoly_t p, slong variable, const caustic_field * field)
{
    return map_from(p, variable, variable_range(variable, field), field);
}

static caustic_sign sign_from_counts(int positive, int negative, int strict)
{
    if (positive && negative)
    {
        return CAUSTIC_SIGN_UNKNOWN;
    }
    if (positive)
    {
        return strict ? CAUSTIC_SIGN_POSITIVE : CAUSTIC_SIGN_NONNEGATIVE;
    }
    return strict ? CAUSTIC_SIGN_NEGATIVE : CAUSTIC_SIGN_NONPOSITIVE;
}

/* All coefficients of one sign, after every variable with a bounded end has been mapped to (0, inf)
   and the others have been split into s and -s with s >= 0. A term without those others, and
   without roots that may be 0, is not zero anywhere. [FIELD-4] */
static caustic_sign sign_by_coefficients(const fmpz_mpoly_t p, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong variables = field_variables(field), flips = 0, i, v;
    slong line[SIGN_LINES];
    ulong * exponents = flint_malloc(sizeof(ulong) * FLINT_MAX(fmpz_mpoly_ctx_nvars(mctx), 1));
    int known = 1, positive = 0, negative = 0, strict = 1, mask;
    fmpz_mpoly_t q;

    fmpz_mpoly_init(q, mctx);
    fmpz_mpoly_set(q, p, mctx);
    for (v = 0; v < variables && known; v++)
    {
        if (fmpz_mpoly_degree_si(q, v, mctx) > 0 && !whole_line(v, field) && !is_orthant(v, field))
        {
            known = map_variable(q, v, field);
        }
    }
    /* the lines that occur with odd exponents */
    for (v = 0; v < variables && known; v++)
    {
        int odd = 0;
        if (fmpz_mpoly_degree_si(q, v, mctx) <= 0 || !whole_line(v, field))
        {
            continue;
        }
        for (i = 0; i < fmpz_mpoly_length(q, mctx) && !odd; i++)
        {
            odd = fmpz_mpoly_get_term_var_exp_ui(q, i, v, mctx) % 2 == 1;
        }
        if (odd)
        {
            known = flips < SIGN_LINES;
            if (known)
            {
                line[flips++] = v;
            }
        }
    }
    for (mask = 0; known && mask < (1 << flips) && !(positive && negative); mask++)
    {
        int has_strict_term = 0;
        for (i = 0; i < fmpz_mpoly_length(q, mctx); i++)
        {
            int sgn = fmpz_sgn(fmpz_mpoly_term_coeff_ref(q, i, mctx)), closed = 0;
            slong f;
            fmpz_mpoly_get_term_exp_ui(exponents, q, i, mctx);
            for (f = 0; f < flips; f++)
            {
                if (((mask >> f) & 1) && exponents[line[f]] % 2 == 1)
                {
                    sgn = -sgn;
                }
            }
            for (v = 0; v < variables && !closed; v++)
            {
                closed = exponents[v] > 0 && (whole_line(v, field) || closed_at_zero(v, field));
            }
            has_strict_term |= !closed;
            positive |= sgn > 0;
            negative |= sgn < 0;
        }
        strict = strict && has_strict_term;
    }
    fmpz_mpoly_clear(q, mctx);
    flint_free(exponents);
    return known ? sign_from_counts(positive, negative, strict) : CAUSTIC_SIGN_UNKNOWN;
}

/* The values of an exponential whose exponent has a sign on the whole box: (1, inf) or (0, 1). 0: it has none, or the generator is something else. */
static int range_by_exponent(caustic_interval_struct * range, slong variable, const caustic_field * field)
{
    const field_generator * g = field->generators + (variable - field->symbols_length);
    caustic_sign sign;
    if (g->kind != FIELD_POWER || !field->atoms[g->atom].is_exp)
    {
        return 0;
    }
    sign = field_element_sign(g->argument, field);
    fmpq_set_si(range->lower, sign == CAUSTIC_SIGN_POSITIVE, 1);
    fmpq_one(range->upper);
    range->lower_infinite = 0;
    range->upper_infinite = sign == CAUSTIC_SIGN_POSITIVE;
    return sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE;
}

/* By coefficients, with exponentials of what has a sign beyond 1 or below it. [FIELD-15] */
static caustic_sign sign_by_exponents(const fmpz_mpoly_t p, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;
    int known = 1, any = 0;
    caustic_interval_t range;
    fmpz_mpoly_t q;
    slong v;

    caustic_interval_init(range);
    fmpz_mpoly_init(q, mctx);
    fmpz_mpoly_set(q, p, mctx);
    for (v = field->symbols_length; v < field_variables(field) && known; v++)
    {
        if (fmpz_mpoly_degree_si(q, v, mctx) > 0 && range_by_exponent(range, v, field))
        {
            any = 1;
            known = map_from(q, v, range, field);
        }
    }
    if (known && any)
    {
        sign = sign_by_coefficients(q, field);
    }
    caustic_interval_clear(range);
    fmpz_mpoly_clear(q, mctx);
    return sign;
}

/* A polynomial in one variable: no root in the open interval (counted by Sturm's theorem on its
   squarefree part), and its sign at one point. Complete. [FIELD-5] */
static caustic_sign sign_by_roots(const fmpz_mpoly_t p, slong variable, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    const caustic_interval_struct * range = variable_range(variable, field);
    caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;
    slong negative_roots = 0, positive_roots = 0;
    int zero_root = 0, sgn;
    fmpz_mpoly_t q;
    fmpz_poly_t f, g, h;
    fmpz_t value;

    fmpz_mpoly_init(q, mctx);
    fmpz_poly_init(f);
    fmpz_poly_init(g);
    fmpz_poly_init(h);
    fmpz_init(value);
    fmpz_mpoly_set(q, p, mctx);
    if ((whole_line(variable, field) || map_variable(q, variable, field))
        && fmpz_mpoly_get_fmpz_poly(f, q, variable, mctx) && fmpz_poly_degree(f) <= SIGN_STURM)
    {
        /* squarefree part, without the root 0 */
        fmpz_poly_derivative(g, f);
        fmpz_poly_gcd(h, f, g);
        fmpz_poly_div(g, f, h);
        while (fmpz_is_zero(fmpz_poly_get_coeff_ptr(g, 0)))
        {
            zero_root = 1;
            fmpz_poly_shift_right(g, g, 1);
        }
        if (fmpz_poly_degree(g) == 1)
        {
            int same = fmpz_sgn(fmpz_poly_get_coeff_ptr(g, 0)) == fmpz_sgn(fmpz_poly_get_coeff_ptr(g, 1));
            negative_roots = same;
            positive_roots = !same;
        }
        else if (fmpz_poly_degree(g) > 1)
        {
            _fmpz_poly_num_real_roots_sturm(&negative_roots, &positive_roots, g->coeffs, g->length);
        }
        if (!(range->lower_infinite && range->upper_infinite))
        {
            negative_roots = 0;
            zero_root = zero_root && closed_at_zero(variable, field);
        }
        if (negative_roots + positive_roots + zero_root == 0)
        {
            fmpz_one(value);
            fmpz_poly_evaluate_fmpz(value, f, value);
            sgn = fmpz_sgn(value);
            sign = sign_of_integer(sgn);
        }
    }
    fmpz_mpoly_clear(q, mctx);
    fmpz_poly_clear(f);
    fmpz_poly_clear(g);
    fmpz_poly_clear(h);
    fmpz_clear(value);
    return sign;
}

/* A polynomial of degree two on the whole of R^n. Complete. [REDUCTION-5] */
static caustic_sign sign_by_quadratic_form(const fmpz_mpoly_t p, const caustic_field * field)
{
    caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;
    quadratic_t quadratic;
    if (quadratic_init(quadratic, p, field))
    {
        sign = quadratic_sign(quadratic);
        quadratic_clear(quadratic);
    }
    return sign;
}

/* A number made of roots, logarithms and the like, by balls: the symbols may be anything, so what depends
   on them has no finite value here. [FIELD-12] */
static caustic_sign sign_by_value(const fmpz_mpoly_t p, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong variables = fmpz_mpoly_ctx_nvars(mctx), symbols = field->symbols_length, v, prec;
    int * needed = flint_calloc(variables + 1, sizeof(int));
    arb_ptr values = _arb_vec_init(variables), anywhere = _arb_vec_init(symbols);
    caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;
    int is_number = fmpz_mpoly_length(p, mctx) <= SIGN_VALUE_TERMS, finite = 1;
    arb_t value;

    arb_init(value);
    for (v = 0; v < symbols; v++)
    {
        arb_indeterminate(anywhere + v);
        is_number = is_number && fmpz_mpoly_degree_si(p, v, mctx) <= 0;
    }
    for (prec = 128; is_number && finite && sign == CAUSTIC_SIGN_UNKNOWN && prec <= SIGN_VALUE_PRECISION; prec *= 4)
    {
        for (v = 0; v < field_variables(field); v++)
        {
            needed[v] = fmpz_mpoly_degree_si(p, v, mctx) > 0;
        }
        field_evaluate_variables(values, needed, anywhere, prec, field);
        field_evaluate_polynomial(value, p, mctx, values, prec);
        finite = arb_is_finite(value);
        if (finite && !arb_contains_zero(value))
        {
            sign = arb_is_positive(value) ? CAUSTIC_SIGN_POSITIVE : CAUSTIC_SIGN_NEGATIVE;
        }
    }
    arb_clear(value);
    _arb_vec_clear(values, variables);
    _arb_vec_clear(anywhere, symbols);
    flint_free(needed);
    return sign;
}

static caustic_sign sign_nested(const fmpz_mpoly_t p, int nesting, const caustic_field * field);

/* a v^2 + b v + c with a > 0 (a < 0) and 4 a c - b^2 >= 0 or > 0. [FIELD-6] */
static caustic_sign sign_by_discriminant(const fmpz_mpoly_t p, slong variable, int nesting, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    fmpz_mpoly_struct a[3];
    fmpz_mpoly_t t;
    caustic_sign leading, discriminant, sign = CAUSTIC_SIGN_UNKNOWN;
    slong k;

    for (k = 0; k < 3; k++)
    {
        fmpz_mpoly_init(a + k, mctx);
    }
    fmpz_mpoly_init(t, mctx);
    field_split(a, 3, p, variable, mctx);
    leading = sign_nested(a + 2, nesting, field);
    if (leading == CAUSTIC_SIGN_POSITIVE || leading == CAUSTIC_SIGN_NEGATIVE)
    {
        fmpz_mpoly_mul(t, a + 2, a, mctx);
        fmpz_mpoly_scalar_mul_ui(t, t, 4, mctx);
        fmpz_mpoly_mul(a + 1, a + 1, a + 1, mctx);
        fmpz_mpoly_sub(t, t, a + 1, mctx);
        discriminant = sign_nested(t, nesting, field);
        if (discriminant == CAUSTIC_SIGN_POSITIVE)
        {
            sign = leading;
        }
        else if (discriminant == CAUSTIC_SIGN_NONNEGATIVE || discriminant == CAUSTIC_SIGN_ZERO)
        {
            sign = leading == CAUSTIC_SIGN_POSITIVE ? CAUSTIC_SIGN_NONNEGATIVE : CAUSTIC_SIGN_NONPOSITIVE;
        }
    }
    for (k = 0; k < 3; k++)
    {
        fmpz_mpoly_clear(a + k, mctx);
    }
    fmpz_mpoly_clear(t, mctx);
    return sign;
}

/* a v + b with v = sqrt(P/Q) >= 0 and Q > 0 (or < 0): the sign of a where a^2 P - b^2 Q says |a| v >= |b|, that of b
   where it says the contrary. [FIELD-11] */
static caustic_sign sign_by_square_root(const fmpz_mpoly_t p, slong variable, int nesting, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    const field_generator * g = field->generators + (variable - field->symbols_length);
    fmpz_mpoly_struct a[2];
    fmpz_mpoly_t d, t;
    field_operand_t square;
    caustic_sign larger, sign = CAUSTIC_SIGN_UNKNOWN;

    fmpz_mpoly_init(a, mctx);
    fmpz_mpoly_init(a + 1, mctx);
    fmpz_mpoly_init(d, mctx);
    fmpz_mpoly_init(t, mctx);
    field_operand_open(square, g->relation, field);
    field_split(a, 2, p, variable, mctx);
    fmpz_mpoly_mul(d, a + 1, a + 1, mctx);
    fmpz_mpoly_mul(d, d, fmpz_mpoly_q_numref(square->q), mctx);
    fmpz_mpoly_mul(t, a, a, mctx);
    fmpz_mpoly_mul(t, t, fmpz_mpoly_q_denref(square->q), mctx);
    fmpz_mpoly_sub(d, d, t, mctx);
    if (fmpz_mpoly_length(d, mctx) <= SIGN_TERMS)
    {
        larger = field_sign_product(sign_nested(d, nesting, field), sign_nested(fmpz_mpoly_q_denref(square->q), nesting, field));
        if (larger == CAUSTIC_SIGN_POSITIVE || larger == CAUSTIC_SIGN_NONNEGATIVE || larger == CAUSTIC_SIGN_ZERO)
        {
            sign = field_sign_product(sign_nested(a + 1, nesting, field), larger == CAUSTIC_SIGN_POSITIVE ? larger : CAUSTIC_SIGN_NONNEGATIVE);
        }
        else if (larger != CAUSTIC_SIGN_UNKNOWN)
        {
            sign = field_sign_product(sign_nested(a, nesting, field),
                larger == CAUSTIC_SIGN_NEGATIVE ? CAUSTIC_SIGN_POSITIVE : CAUSTIC_SIGN_NONNEGATIVE);
        }
    }
    field_operand_close(square, field);
    fmpz_mpoly_clear(a, mctx);
    fmpz_mpoly_clear(a + 1, mctx);
    fmpz_mpoly_clear(d, mctx);
    fmpz_mpoly_clear(t, mctx);
    return sign;
}

/* Whether the variable is a square root. */
static int is_square_root(slong variable, const caustic_field * field)
{
    return variable >= field->symbols_length && field->generators[variable - field->symbols_length].degree == 2
        && field->generators[variable - field->symbols_length].kind == FIELD_POWER;
}

/* nesting bounds the depth of the calls, whatever p is. */
static caustic_sign sign_nested(const fmpz_mpoly_t p, int nesting, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong v, used = 0, last = 0;
    caustic_sign sign;
    if (fmpz_mpoly_is_fmpz(p, mctx))
    {
        return fmpz_mpoly_is_zero(p, mctx) ? CAUSTIC_SIGN_ZERO
            : sign_of_integer(fmpz_sgn(fmpz_mpoly_term_coeff_ref((fmpz_mpoly_struct *) p, 0, mctx)));
    }
    for (v = 0; v < field_variables(field); v++)
    {
        if (fmpz_mpoly_degree_si(p, v, mctx) > 0)
        {
            used++;
            last = v;
        }
    }
    sign = sign_by_coefficients(p, field);
    if (sign == CAUSTIC_SIGN_UNKNOWN)
    {
        sign = sign_by_exponents(p, field);
    }
    if (used == 1 && sign != CAUSTIC_SIGN_POSITIVE && sign != CAUSTIC_SIGN_NEGATIVE)
    {
        caustic_sign strict = sign_by_roots(p, last, field);
        sign = strict != CAUSTIC_SIGN_UNKNOWN ? strict : sign;
    }
    if (used > 1 && sign == CAUSTIC_SIGN_UNKNOWN)
    {
        sign = sign_by_quadratic_form(p, field);
    }
    if (sign == CAUSTIC_SIGN_UNKNOWN || sign == CAUSTIC_SIGN_NONNEGATIVE || sign == CAUSTIC_SIGN_NONPOSITIVE)
    {
        caustic_sign strict = sign_by_value(p, field);
        sign = strict != CAUSTIC_SIGN_UNKNOWN ? strict : sign;
    }
    for (v = 0; v < field_variables(field) && sign == CAUSTIC_SIGN_UNKNOWN && nesting > 0; v++)
    {
        if (fmpz_mpoly_degree_si(p, v, mctx) == 2)
        {
            sign = sign_by_discriminant(p, v, nesting - 1, field);
        }
    }
    for (v = field_variables(field) - 1; v >= field->symbols_length && sign == CAUSTIC_SIGN_UNKNOWN && nesting > 0; v--)
    {
        if (is_square_root(v, field) && fmpz_mpoly_degree_si(p, v, mctx) == 1)
        {
            sign = sign_by_square_root(p, v, nesting - 1, field);
        }
    }
    return sign;
}

caustic_sign field_polynomial_sign(const fmpz_mpoly_t p, const caustic_field * field)
{
    return sign_nested(p, SIGN_NESTING, field);
}

int field_may_factor(const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx)
{
    slong variables = fmpz_mpoly_ctx_nvars(mctx), highest = 0, second = 0, least = WORD_MAX, used = 0, v;
    int may = fmpz_mpoly_length(p, mctx) <= FIELD_FACTOR_TERMS && fmpz_mpoly_degrees_fit_si(p, mctx)
        && FLINT_ABS(fmpz_mpoly_max_bits(p)) <= FIELD_FACTOR_BITS;
    for (v = 0; v < variables && may; v++)
    {
        slong degree = fmpz_mpoly_degree_si(p, v, mctx);
        if (degree > 0)
        {
            used++;
            least = FLINT_MIN(least, degree);
            second = FLINT_MAX(second, FLINT_MIN(highest, degree));
            highest = FLINT_MAX(highest, degree);
        }
    }
    /* of degree 1 in one of two variables it is irreducible, apart from a content in the other */
    return may && highest <= FIELD_FACTOR_DEGREE
        && (used <= 1 || (used == 2 && least == 1) || (highest + 1) * (second + 1) <= FIELD_FACTOR_DEGREES);
}

/* The product of the signs of the irreducible factors; even powers of factors of no certain sign
   are non-negative. */
caustic_sign field_factored_sign(const fmpz_mpoly_t p, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    caustic_sign sign = field_polynomial_sign(p, field);
    fmpz_mpoly_factor_t factors;
    slong i;
    if ((sign != CAUSTIC_SIGN_UNKNOWN && sign != CAUSTIC_SIGN_NONNEGATIVE && sign != CAUSTIC_SIGN_NONPOSITIVE)
        || !field_may_factor(p, mctx))
    {
        return sign;
    }
    fmpz_mpoly_factor_init(factors, mctx);
    if (fmpz_mpoly_factor(factors, p, mctx))
    {
        caustic_sign product = sign_of_integer(fmpz_sgn(factors->constant));
        for (i = 0; i < factors->num; i++)
        {
            caustic_sign factor = field_polynomial_sign(factors->poly + i, field);
            if (fmpz_is_even(factors->exp + i))
            {
                factor = factor == CAUSTIC_SIGN_POSITIVE || factor == CAUSTIC_SIGN_NEGATIVE
                    ? CAUSTIC_SIGN_POSITIVE : CAUSTIC_SIGN_NONNEGATIVE;
            }
            product = field_sign_product(product, factor);
        }
        sign = product != CAUSTIC_SIGN_UNKNOWN ? product : sign;
    }
    fmpz_mpoly_factor_clear(factors, mctx);
    return sign;
}

/* A denominator that might vanish inside the box, or a generator that is not defined on all of it,
   leaves the sign unknown. */
caustic_sign field_element_sign(const field_element_struct * x, const caustic_field * field)
{
    field_operand_t a;
    caustic_sign sign;
    field_operand_open(a, x, field);
    sign = field_factored_sign(fmpz_mpoly_q_denref(a->q), field);
    if ((sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE)
        && field_polynomial_is_total(fmpz_mpoly_q_numref(a->q), field)
        && field_polynomial_is_total(fmpz_mpoly_q_denref(a->q), field))
    {
        sign = field_sign_product(sign, field_factored_sign(fmpz_mpoly_q_numref(a->q), field));
    }
    else
    {
        sign = CAUSTIC_SIGN_UNKNOWN;
    }
    field_operand_close(a, field);
    return sign;
}

caustic_sign caustic_field_sign(gr_srcptr x, gr_ctx_t ctx)
{
    return field_element_sign(x, FIELD(ctx));
}

/* Whether the denominator is proved without zeros on the box. */
static int denominator_is_strict(const fmpz_mpoly_q_t q, const caustic_field * field)
{
    caustic_sign sign = field_factored_sign(fmpz_mpoly_q_denref(q), field);
    return sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE;
}

int field_element_is_regular(const field_element_struct * x, const caustic_field * field)
{
    field_operand_t a;
    int regular;
    field_operand_open(a, x, field);
    regular = field_polynomial_is_regular(fmpz_mpoly_q_numref(a->q), field)
        && field_polynomial_is_regular(fmpz_mpoly_q_denref(a->q), field)
        && denominator_is_strict(a->q, field);
    field_operand_close(a, field);
    return regular;
}

int field_element_is_total(const field_element_struct * x, const caustic_field * field)
{
    field_operand_t a;
    int total;
    field_operand_open(a, x, field);
    total = field_polynomial_is_total(fmpz_mpoly_q_numref(a->q), field)
        && field_polynomial_is_total(fmpz_mpoly_q_denref(a->q), field)
        && denominator_is_strict(a->q, field);
    field_operand_close(a, field);
    return total;
}
